import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import { Card } from "@/kit";
import type { Setting } from "@/protocol/generated/Setting";
import type { SettingGroup } from "@/protocol/generated/SettingGroup";
import table from "../Table.module.css";
import { place } from "./draft";
import { Field, type Part } from "./Field";
import classes from "./Settings.module.css";
import { useSay } from "./useSay";

/** The groups of this table; the others have cards of their own. */
const groups = ["sessions", "new_sessions", "sign_in"] as const;

/** What is changed while the server runs: name and meaning, value, default, last change. */
export function SettingTable(part: Part) {
	const { t } = useTranslation();
	const of = (group: SettingGroup) =>
		part.state.settings.filter((setting) => setting.group === group);
	return (
		<Card className={classes.card}>
			<div className={classes.head}>
				<h2>{t("settings.heading")}</h2>
				<p>{t("settings.lead")}</p>
			</div>
			<table className={`${table.table} ${classes.table}`}>
				<caption className="vh">{t("settings.heading")}</caption>
				<thead>
					<tr>
						<th scope="col">{t("settings.setting")}</th>
						<th scope="col">{t("settings.value")}</th>
						<th scope="col">{t("settings.default")}</th>
						<th scope="col">{t("settings.changed")}</th>
					</tr>
				</thead>
				{groups.map((group) => (
					<tbody key={group}>
						<tr className={classes.group}>
							<th colSpan={4} scope="rowgroup">
								{t(`settings.group.${group}`)}
							</th>
						</tr>
						{of(group).map((setting) => (
							<Fragment key={setting.key}>
								<Row {...part} setting={setting} />
							</Fragment>
						))}
					</tbody>
				))}
			</table>
		</Card>
	);
}

function Row({ setting, ...part }: Part & { setting: Setting }) {
	const { t } = useTranslation();
	const say = useSay();
	const { key } = setting;
	return (
		<tr data-dirty={part.drafts[place(key)] !== undefined || undefined}>
			<th scope="row">
				{t(`settings.name.${key}`)}
				<small>{t(`settings.meaning.${key}`)}</small>
			</th>
			<td>
				<Field {...part} setting={setting} />
			</td>
			<td className={classes.quiet}>
				<span className={classes.label}>{t("settings.default")}: </span>
				{say.default(setting)}
			</td>
			<td className={classes.quiet}>{say.last(setting.changed)}</td>
		</tr>
	);
}
