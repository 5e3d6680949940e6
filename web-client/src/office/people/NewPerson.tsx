import { Button, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Banner, ButtonLink, Card, Page, Section } from "@/kit";
import { useServer } from "@/session";
import { asApiError } from "@/session/client";
import { Only } from "@/session/Only";
import { useErrorSentence } from "@/session/sentence";
import { may, useMe } from "@/session/useMe";
import {
	AppointmentFields,
	faultsOf,
	nothing,
	readTyped,
} from "./AppointmentFields";
import { addPerson } from "./api";
import { todayOf } from "./days";
import classes from "./People.module.css";

/** Adds somebody by hand, with a first appointment. */
export function NewPerson() {
	const { t } = useTranslation();
	const me = useMe();
	return (
		<Only
			may={may(me, "manage_people")}
			title={t("newPerson.title")}
			refusal={t("people.notYours")}
			whose={t("people.whoMay")}
		>
			<Form />
		</Only>
	);
}

function Form() {
	const { t } = useTranslation();
	const server = useServer();
	const navigate = useNavigate();
	const queryClient = useQueryClient();
	const sentence = useErrorSentence();
	const [names, setNames] = useState({
		name: "",
		code: "",
		address: "",
		email: "",
	});
	const [place, setPlace] = useState(() => nothing(todayOf(server.nowUs())));
	const [tried, setTried] = useState(false);
	const form = useRef<HTMLFormElement>(null);
	const add = useMutation({
		mutationFn: (is_namesake: boolean) =>
			addPerson(server, {
				name: names.name.trim(),
				...(names.code.trim() !== "" && { code: names.code.trim() }),
				...(names.address.trim() !== "" && {
					form_of_address: names.address.trim(),
				}),
				...(names.email.trim() !== "" && { email: names.email.trim() }),
				appointment: readTyped(place),
				is_namesake,
			}),
		onSuccess: async (person) => {
			await queryClient.invalidateQueries({ queryKey: ["people"] });
			await navigate({
				to: "/people/$person",
				params: { person: person.id },
			});
		},
	});
	const nameless = names.name.trim() === "";
	const submit = (event: FormEvent) => {
		event.preventDefault();
		setTried(true);
		if (nameless || Object.keys(faultsOf(place)).length > 0) {
			// After React has marked the fields, go to the first marked one.
			requestAnimationFrame(() =>
				form.current
					?.querySelector<HTMLElement>('[aria-invalid="true"]')
					?.focus(),
			);
			return;
		}
		add.mutate(false);
	};
	const field = (name: keyof typeof names) => ({
		value: names[name],
		onChange: (event: React.ChangeEvent<HTMLInputElement>) => {
			setNames({ ...names, [name]: event.currentTarget.value });
			// What was refused was another.
			add.reset();
		},
	});
	const refusal = asApiError(add.error);
	const namesake = refusal?.code === "namesake" ? refusal.params : null;
	return (
		<Page title={t("newPerson.title")} lead={t("newPerson.lead")}>
			<form
				ref={form}
				className={classes.form}
				onSubmit={submit}
				noValidate
				aria-label={t("newPerson.title")}
			>
				<Section title={t("newPerson.who")}>
					<Card className={classes.fields}>
						<TextInput
							label={t("person.name")}
							autoFocus
							autoComplete="off"
							error={tried && nameless && t("person.missing.name")}
							{...field("name")}
						/>
						<div className={classes.two}>
							<TextInput
								label={t("person.code")}
								description={t("person.codeHint")}
								autoComplete="off"
								spellCheck={false}
								{...field("code")}
							/>
							<TextInput
								label={t("person.formOfAddress")}
								description={t("person.formOfAddressHint")}
								{...field("address")}
							/>
						</div>
						<TextInput
							label={t("person.email")}
							description={t("person.emailHint")}
							type="email"
							inputMode="email"
							autoComplete="off"
							spellCheck={false}
							{...field("email")}
						/>
					</Card>
				</Section>
				<Section title={t("newPerson.where")}>
					<Card className={classes.fields}>
						<AppointmentFields
							typed={place}
							showFaults={tried}
							onChange={(typed) => {
								setPlace(typed);
								add.reset();
							}}
						/>
					</Card>
				</Section>
				{namesake && (
					<Card className={classes.asked}>
						<Banner tone="warn" urgent>
							<b>{t("newPerson.namesakeTitle")}</b>{" "}
							{namesake.code
								? t("newPerson.namesakeText", {
										name: namesake.name ?? "",
										code: namesake.code,
									})
								: t("newPerson.namesakeTextNoCode", {
										name: namesake.name ?? "",
									})}
						</Banner>
						<div className={classes.keys}>
							<ButtonLink
								to="/people/$person"
								params={{ person: namesake.id ?? "" }}
							>
								{t("newPerson.open")}
							</ButtonLink>
							<Button loading={add.isPending} onClick={() => add.mutate(true)}>
								{t("newPerson.another")}
							</Button>
						</div>
					</Card>
				)}
				{add.isError && !namesake && (
					<Banner tone="bad">{sentence(add.error)}</Banner>
				)}
				<div className={classes.keys}>
					<ButtonLink to="/people">{t("person.cancel")}</ButtonLink>
					<Button type="submit" variant="filled" loading={add.isPending}>
						{t("newPerson.submit")}
					</Button>
				</div>
			</form>
		</Page>
	);
}
