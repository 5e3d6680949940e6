import { useTranslation } from "react-i18next";
import { useRoomSession, useRoomState } from "@/room/view/useRoom";
import classes from "./Mode.module.css";

/** By which preset the room shares out rights, in the session bar; a press says what that means, and changes it. */
export function ModeKey() {
	const { t } = useTranslation("room");
	const session = useRoomSession();
	const { preset } = useRoomState().session;
	return (
		<button
			type="button"
			className={classes.key}
			data-testid="mode"
			onClick={() => session.showPanel("commands")}
		>
			{t("mode.label")} <b>{t(`mode.${preset}`)}</b>
		</button>
	);
}
