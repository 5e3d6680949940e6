import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { LanguageSwitch } from "@/i18n/LanguageSwitch";
import { Mark } from "@/kit";
import classes from "./Doorstep.module.css";

/** What stands around a door: whose product this is, the language, and the way to the session's page. */
export function DoorFrame({
	onLeave,
	children,
}: {
	onLeave: () => void;
	children: ReactNode;
}) {
	const { t } = useTranslation("room");
	return (
		<div className={classes.page} data-mantine-color-scheme="light">
			<header className={classes.top}>
				<Mark width={36} />
				<b>{t("product")}</b>
				<LanguageSwitch ground="dark" />
				<button type="button" className={classes.out} onClick={onLeave}>
					{t("door.page")}
				</button>
			</header>
			<main>{children}</main>
		</div>
	);
}
