import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { formatDateTime } from "@/format";
import { Card, Loaded, Section } from "@/kit";
import type { FieldChange } from "@/protocol/generated/FieldChange";
import type { Session } from "@/protocol/generated/Session";
import type { SessionDeed } from "@/protocol/generated/SessionDeed";
import { useServer } from "@/session";
import { historyQuery } from "../api";
import { parts } from "../officers/chosen";
import classes from "./History.module.css";

/** What a deed is called; one of another name is a deed in the room. */
const deeds = [
	"create_session",
	"edit_session",
	"move_session",
	"extend_session",
	"cancel_session",
	"end_session",
	"lapse_session",
	"create_link",
	"create_token",
	"revoke_link",
] as const;

/** The fields that say something to a person. */
const fields = [
	"title",
	"kind",
	"starts_at_us",
	"ends_at_us",
	"bridge_points",
	"officers",
	"reason",
] as const;

const isOneOf = <T extends string>(
	words: readonly T[],
	word: string,
): word is T => (words as readonly string[]).includes(word);

/** Who did what to a session and when, newest first. */
export function History({ session }: { session: Session }) {
	const { t } = useTranslation();
	const server = useServer();
	const query = useQuery(historyQuery(server, session.code));
	return (
		<Section title={t("history.title")}>
			<Card>
				<Loaded query={query} what={t("history.what")} rows={2}>
					{(all) => {
						const told = all.filter(({ action }) => isOneOf(deeds, action));
						return told.length === 0 ? (
							<p className={classes.none}>{t("history.none")}</p>
						) : (
							<ol className={classes.list}>
								{told.map((deed) => (
									<Deed key={deed.seq} deed={deed} />
								))}
							</ol>
						);
					}}
				</Loaded>
			</Card>
		</Section>
	);
}

function Deed({
	deed: { action, at_us, by, fields: all },
}: {
	deed: SessionDeed;
}) {
	const { t } = useTranslation();
	const changed = action === "create_session" ? [] : all;
	return (
		<li>
			<b>{isOneOf(deeds, action) && t(`history.deed.${action}`)}</b>
			<time>{formatDateTime(at_us)}</time>
			<p>{by ?? t("history.nobody")}</p>
			{changed.map((change) => (
				<Field key={change.field} change={change} />
			))}
		</li>
	);
}

/** One thing before and after: the old struck out, an arrow, the new. */
function Field({ change: { field, before, after } }: { change: FieldChange }) {
	const { t } = useTranslation();
	if (!isOneOf(fields, field)) return null;
	// The log names parts by their words: `chair: …, presenter: …`.
	const sayParts = (value: string) =>
		parts.reduce(
			(said, part) =>
				said.replaceAll(`${part}: `, `${t(`officers.part.${part}`)} `),
			value,
		);
	const say = (value: string) =>
		field.endsWith("_us")
			? formatDateTime(Number(value))
			: field === "kind"
				? t(`kind.${value as Session["kind"]}`)
				: field === "officers"
					? sayParts(value)
					: value;
	return (
		<p className={classes.field}>
			{t(`history.field.${field}`)}:{" "}
			{field === "bridge_points" ? (
				[
					before && t("history.removed", { points: before }),
					after && t("history.added", { points: after }),
				]
					.filter(Boolean)
					.join("; ")
			) : (
				<>
					{before !== null && (
						<>
							<s>{say(before)}</s> →{" "}
						</>
					)}
					{after !== null && <b>{say(after)}</b>}
				</>
			)}
		</p>
	);
}
