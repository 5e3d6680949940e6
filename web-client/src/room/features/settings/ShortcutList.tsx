import { useTranslation } from "react-i18next";
import classes from "./Settings.module.css";

/** The keys of the keyboard that act in this layout. */
export function ShortcutList({
	keys,
}: {
	keys: readonly { keys: string; what: string }[];
}) {
	const { t } = useTranslation("room");
	return (
		<section>
			<h3>{t("shortcuts.label")}</h3>
			<dl className={classes.figures}>
				{keys.map(({ keys: letters, what }) => (
					<div key={letters} style={{ display: "contents" }}>
						<dt>{what}</dt>
						<dd>
							<kbd>{letters}</kbd>
						</dd>
					</div>
				))}
			</dl>
		</section>
	);
}
