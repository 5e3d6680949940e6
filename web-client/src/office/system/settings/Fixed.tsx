import { useTranslation } from "react-i18next";
import { Card } from "@/kit";
import type { FixedSetting } from "@/protocol/generated/FixedSetting";
import classes from "./Settings.module.css";

/** What stands in files of the server: to read, by file and key. */
export function Fixed({ settings }: { settings: FixedSetting[] }) {
	const { t } = useTranslation();
	const files = [...new Set(settings.map(({ file }) => file))];
	return (
		<Card className={classes.card}>
			<details className={classes.fixed}>
				<summary>{t("settings.fixed", { count: settings.length })}</summary>
				<p className={classes.small}>{t("settings.fixedLead")}</p>
				{files.map((file) => (
					<section key={file} aria-label={file}>
						<h3>{file}</h3>
						<dl>
							{settings
								.filter((setting) => setting.file === file)
								.map((setting) => (
									<div key={setting.key}>
										<dt>{setting.key}</dt>
										<dd>
											{setting.value ??
												t(setting.is_set ? "settings.set" : "settings.unset")}
										</dd>
									</div>
								))}
						</dl>
					</section>
				))}
			</details>
		</Card>
	);
}
