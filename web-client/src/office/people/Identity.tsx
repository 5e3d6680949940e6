import { Button, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Banner, Card, Section, Status } from "@/kit";
import type { Person } from "@/protocol/generated/Person";
import { useServer } from "@/session";
import { asApiError } from "@/session/client";
import { useErrorSentence } from "@/session/sentence";
import { editPerson, personQuery } from "./api";
import classes from "./People.module.css";

/** What somebody is called, and whether they can sign in. */
export function Identity({
	person,
	edits,
	onEdit,
	onChanged,
}: {
	person: Person;
	/** Whether it is being changed. */
	edits: boolean;
	onEdit: (edits: boolean) => void;
	onChanged: (told: Person) => Promise<void>;
}) {
	const { t } = useTranslation();
	return (
		<Section
			title={t("person.identity")}
			aside={
				!edits &&
				person.may.includes("edit_person") && (
					<Button size="sm" onClick={() => onEdit(true)}>
						{t("person.edit")}
					</Button>
				)
			}
		>
			<Card className={classes.fields}>
				{edits ? (
					<Edit
						person={person}
						onCancel={() => onEdit(false)}
						onChanged={onChanged}
					/>
				) : (
					<dl className={classes.facts}>
						<dt>{t("person.name")}</dt>
						<dd>{person.name}</dd>
						<dt>{t("person.formOfAddress")}</dt>
						<dd>{person.form_of_address ?? "–"}</dd>
						<dt>{t("person.code")}</dt>
						<dd className="fig">{person.code ?? t("person.noCode")}</dd>
						<dt>{t("person.email")}</dt>
						<dd>{person.email ?? "–"}</dd>
						<dt>{t("person.account")}</dt>
						<dd>
							<Status tone={person.has_account ? "ok" : "none"}>
								{t(
									person.has_account ? "person.hasAccount" : "person.noAccount",
								)}
							</Status>
						</dd>
					</dl>
				)}
			</Card>
		</Section>
	);
}

/** The fields. What somebody else changed meanwhile is shown beside what was typed. */
function Edit({
	person,
	onCancel,
	onChanged,
}: {
	person: Person;
	onCancel: () => void;
	onChanged: (told: Person) => Promise<void>;
}) {
	const { t } = useTranslation();
	const server = useServer();
	const queryClient = useQueryClient();
	const sentence = useErrorSentence();
	// The state that is changed: as it was when the fields were opened, whatever is read meanwhile.
	const [etag, setEtag] = useState(person.etag);
	const [typed, setTyped] = useState({
		name: person.name,
		code: person.code ?? "",
		address: person.form_of_address ?? "",
		email: person.email ?? "",
	});
	const save = useMutation({
		mutationFn: (etag: string) =>
			editPerson(server, person.id, etag, {
				name: typed.name.trim(),
				code: typed.code.trim() === "" ? null : typed.code.trim(),
				form_of_address:
					typed.address.trim() === "" ? null : typed.address.trim(),
				email: typed.email.trim() === "" ? null : typed.email.trim(),
			}),
		onSuccess: onChanged,
	});
	const refusal = asApiError(save.error);
	const newer = refusal?.code === "changed_meanwhile" ? refusal.params : null;
	const field = (name: keyof typeof typed) => ({
		value: typed[name],
		onChange: (event: React.ChangeEvent<HTMLInputElement>) =>
			setTyped({ ...typed, [name]: event.currentTarget.value }),
	});
	const submit = (event: FormEvent) => {
		event.preventDefault();
		save.mutate(etag);
	};
	return (
		<form
			className={classes.fields}
			onSubmit={submit}
			noValidate
			aria-label={t("person.identity")}
		>
			<TextInput
				label={t("person.name")}
				autoFocus
				autoComplete="off"
				error={typed.name.trim() === "" && t("person.missing.name")}
				{...field("name")}
			/>
			<TextInput
				label={t("person.formOfAddress")}
				description={t("person.formOfAddressHint")}
				{...field("address")}
			/>
			<TextInput
				label={t("person.code")}
				description={t("person.codeHint")}
				autoComplete="off"
				spellCheck={false}
				{...field("code")}
			/>
			<TextInput
				label={t("person.email")}
				description={t("person.emailHint")}
				type="email"
				inputMode="email"
				autoComplete="off"
				spellCheck={false}
				{...field("email")}
			/>
			{newer && (
				<Banner tone="warn" urgent>
					<b>{t("person.changedTitle")}</b>{" "}
					{t("person.changedNow", {
						state: [newer.form_of_address, newer.name, newer.code, newer.email]
							.filter((part) => part)
							.join(", "),
					})}
				</Banner>
			)}
			{save.isError && !newer && (
				<Banner tone="bad">{sentence(save.error)}</Banner>
			)}
			<div className={classes.keys}>
				{newer ? (
					<>
						<Button
							onClick={() => {
								setTyped({
									name: newer.name ?? "",
									code: newer.code ?? "",
									address: newer.form_of_address ?? "",
									email: newer.email ?? "",
								});
								setEtag(newer.etag ?? etag);
								save.reset();
								void queryClient.invalidateQueries({
									queryKey: personQuery(server, person.id).queryKey,
								});
							}}
						>
							{t("person.takeNew")}
						</Button>
						<Button
							variant="filled"
							onClick={() => {
								setEtag(newer.etag ?? etag);
								save.mutate(newer.etag ?? etag);
							}}
						>
							{t("person.saveAnyway")}
						</Button>
					</>
				) : (
					<>
						<Button onClick={onCancel}>{t("person.cancel")}</Button>
						<Button
							type="submit"
							variant="filled"
							loading={save.isPending}
							disabled={typed.name.trim() === ""}
						>
							{t("person.save")}
						</Button>
					</>
				)}
			</div>
		</form>
	);
}
