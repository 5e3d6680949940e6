import { IconMaximize, IconMinimize } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import classes from "./Display.module.css";
import { useFull } from "./useFull";

/** Over the main picture: gives it the whole screen, or takes that back. */
export function FullKey() {
	const { t } = useTranslation("room");
	const [full, toggle] = useFull();
	const Icon = full ? IconMinimize : IconMaximize;
	const word = full ? t("display.fullLeave") : t("display.full");
	return (
		<button
			type="button"
			className={classes.full}
			aria-label={word}
			title={word}
			data-testid="stage-full"
			onClick={toggle}
		>
			<Icon size={24} stroke={1.9} aria-hidden="true" />
		</button>
	);
}
