import { useTranslation } from "react-i18next";
import { Card } from "@/kit";
import { place } from "./draft";
import { Field, type Part } from "./Field";
import classes from "./Settings.module.css";
import { useSay } from "./useSay";

/** How long things are kept, by kind. */
export function Retention(part: Part) {
	const { t } = useTranslation();
	const say = useSay();
	const kept = part.state.settings.filter(({ group }) => group === "retention");
	return (
		<Card className={classes.card}>
			<section aria-labelledby="settings-retention">
				<div className={classes.head}>
					<h2 id="settings-retention">{t("settings.group.retention")}</h2>
					<p>{t("settings.retentionLead")}</p>
				</div>
				<ul className={classes.list}>
					{kept.map((setting) => (
						<li
							key={setting.key}
							data-dirty={
								part.drafts[place(setting.key)] !== undefined || undefined
							}
						>
							<div>
								<b>{t(`settings.name.${setting.key}`)}</b>
								<small>
									{t(`settings.meaning.${setting.key}`)}{" "}
									{t("settings.defaultIs", { value: say.default(setting) })}{" "}
									{setting.changed !== null && say.last(setting.changed)}
								</small>
							</div>
							<Field {...part} setting={setting} />
						</li>
					))}
				</ul>
			</section>
		</Card>
	);
}
