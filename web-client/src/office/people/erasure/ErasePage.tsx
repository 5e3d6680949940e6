import { Button, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Banner, ButtonLink, Card, Loaded, Page, Section } from "@/kit";
import type { ErasurePreview } from "@/protocol/generated/ErasurePreview";
import type { Person } from "@/protocol/generated/Person";
import { useServer } from "@/session";
import { Only } from "@/session/Only";
import { useErrorSentence } from "@/session/sentence";
import { may, useMe } from "@/session/useMe";
import { personQuery } from "../api";
import { erasePerson, erasureQuery, previewQuery } from "./api";
import classes from "./Erasure.module.css";
import { Report } from "./Report";

/** Deleting what makes somebody known: what goes, what stays and why, and the code typed to confirm. */
export function ErasePage() {
	const { t } = useTranslation();
	return (
		<Only
			may={may(useMe(), "open_system")}
			title={t("erasure.title")}
			refusal={t("erasure.notYours")}
			whose={t("erasure.whoMay")}
		>
			<OfAddress />
		</Only>
	);
}

function OfAddress() {
	const { t } = useTranslation();
	const server = useServer();
	const { person: id } = useParams({
		from: "/known/shell/people/$person/erase",
	});
	const back = (
		<ButtonLink to="/people/$person" params={{ person: id }}>
			{t("erasure.back")}
		</ButtonLink>
	);
	return (
		<Loaded
			query={useQuery(personQuery(server, id))}
			what={t("person.what")}
			frame={(waiting) => (
				<Page title={t("erasure.title")}>
					<Card>{waiting}</Card>
				</Page>
			)}
			wayOut={back}
		>
			{(person) => (
				<Page title={t("erasure.title")} lead={person.name} aside={back}>
					<OfPerson person={person} />
				</Page>
			)}
		</Loaded>
	);
}

function OfPerson({ person }: { person: Person }) {
	const { t } = useTranslation();
	const query = useQuery(previewQuery(useServer(), person.id));
	return (
		<Loaded
			query={query}
			what={t("erasure.preview")}
			frame={(waiting) => <Card>{waiting}</Card>}
		>
			{(preview) =>
				preview.is_last_administrator ? (
					<Banner tone="bad">{t("erasure.last")}</Banner>
				) : (
					<div className={classes.whole}>
						<Report report={preview.report} done={false} />
						<Confirm person={person} preview={preview} />
					</div>
				)
			}
		</Loaded>
	);
}

function Confirm({
	person,
	preview,
}: {
	person: Person;
	preview: ErasurePreview;
}) {
	const { t } = useTranslation();
	const server = useServer();
	const queryClient = useQueryClient();
	const navigate = useNavigate();
	const sentence = useErrorSentence();
	const [typed, setTyped] = useState("");
	const erase = useMutation({
		mutationFn: () => erasePerson(server, person.id, typed.trim()),
		onSuccess: async (told) => {
			queryClient.setQueryData(erasureQuery(server, person.id).queryKey, told);
			queryClient.removeQueries({
				queryKey: personQuery(server, person.id).queryKey,
			});
			await queryClient.invalidateQueries({ queryKey: ["people"] });
			await navigate({ to: "/people/$person", params: { person: person.id } });
		},
	});
	const submit = (event: FormEvent) => {
		event.preventDefault();
		erase.mutate();
	};
	return (
		<Section title={t("erasure.confirm")}>
			<Card>
				<form className={classes.confirm} onSubmit={submit} noValidate>
					<p>{t("erasure.consequence")}</p>
					{preview.namesakes > 0 && (
						<Banner tone="warn">
							{t("erasure.namesakes", { count: preview.namesakes })}
						</Banner>
					)}
					<TextInput
						label={t("erasure.type", { what: preview.to_type })}
						value={typed}
						onChange={(event) => setTyped(event.currentTarget.value)}
						autoComplete="off"
						spellCheck={false}
					/>
					{erase.isError && (
						<Banner tone="bad" urgent>
							{sentence(erase.error)}
						</Banner>
					)}
					<div className={classes.keys}>
						<ButtonLink to="/people/$person" params={{ person: person.id }}>
							{t("person.cancel")}
						</ButtonLink>
						<Button
							type="submit"
							className={classes.end}
							loading={erase.isPending}
							disabled={typed.trim() !== preview.to_type}
						>
							{t("erasure.yes")}
						</Button>
					</div>
				</form>
			</Card>
		</Section>
	);
}
