import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { formatDate, formatInteger, formatSeconds } from "@/format";
import type { AuditAction } from "@/protocol/generated/AuditAction";
import type { AuditLine } from "@/protocol/generated/AuditLine";
import classes from "./Log.module.css";
import { changesOf, sayAction, sayHash, sayThing, sayWho } from "./say";

/** One line with everything that the log holds of it. */
export function LogLine({
	line,
	actions,
}: {
	line: AuditLine;
	actions: AuditAction[];
}) {
	const { t, i18n } = useTranslation();
	const changes = changesOf(line, t("system.log.erased"));
	// What a newer server writes down has no words here.
	const words: Record<string, string> = t("system.field", {
		returnObjects: true,
	});
	return (
		<section aria-label={t("system.log.oneLine")}>
			<div className={classes.lineHead}>
				<h2>{sayAction(actions, i18n.language, line.action)}</h2>
				<p className="fig">
					{formatSeconds(line.at_us)}, {formatDate(line.at_us)}
				</p>
			</div>
			<dl className={classes.facts}>
				<dt>{t("system.log.who")}</dt>
				<dd>
					{sayWho(t, line)}
					{line.actor.login !== null &&
						line.actor.login !== line.actor.name && (
							<small>{line.actor.login}</small>
						)}
				</dd>
				<dt>{t("system.log.thing")}</dt>
				<dd>
					<Thing line={line} />
				</dd>
			</dl>
			{changes.length > 0 && (
				<table className={classes.changes}>
					<caption className="vh">{t("system.log.changes")}</caption>
					<thead>
						<tr>
							<th scope="col">{t("system.log.field")}</th>
							<th scope="col">{t("system.log.before")}</th>
							<th scope="col">{t("system.log.after")}</th>
						</tr>
					</thead>
					<tbody>
						{changes.map(({ field, before, after }) => (
							<tr key={field}>
								<th scope="row">{words[field] ?? field}</th>
								<td>{before !== "" && <s>{before}</s>}</td>
								<td>
									<b>{after}</b>
								</td>
							</tr>
						))}
					</tbody>
				</table>
			)}
			<dl className={classes.facts}>
				<dt>{t("system.log.number")}</dt>
				<dd className="fig">{formatInteger(line.seq)}</dd>
				<dt>{t("system.log.previousHash")}</dt>
				<dd>
					<code title={line.previous_hash}>{sayHash(line.previous_hash)}</code>
				</dd>
				<dt>{t("system.log.hash")}</dt>
				<dd>
					<code title={line.hash}>{sayHash(line.hash)}</code>
				</dd>
			</dl>
		</section>
	);
}

/** The name of what it was done to, and the way there where it has a page. */
function Thing({ line }: { line: AuditLine }) {
	const { t } = useTranslation();
	const { kind, code, word } = line.thing;
	const name = sayThing(t, line);
	if (kind === "session" && code !== null) {
		return (
			<Link to="/s/$code" params={{ code }}>
				{name}
			</Link>
		);
	}
	if (kind === "recording") {
		return (
			<Link to="/recordings/$id" params={{ id: word.slice(kind.length + 1) }}>
				{name}
			</Link>
		);
	}
	return name;
}
