import { useTranslation } from "react-i18next";
import { LanguageSwitch } from "@/i18n/LanguageSwitch";
import { Mark } from "@/kit/Mark";
import classes from "./Lobby.module.css";

/** The line above the device check: whose product this is, the language, and the way out. */
export function LobbyBar({ onLeave }: { onLeave: () => void }) {
	const { t } = useTranslation("room");
	return (
		<header className={classes.top}>
			<Mark width={36} />
			<b>{t("product")}</b>
			<div className={classes.topEnd}>
				<span className={classes.language}>
					<LanguageSwitch ground="dark" />
				</span>
				<button type="button" className={classes.out} onClick={onLeave}>
					{t("lobby.leave")}
				</button>
			</div>
		</header>
	);
}
