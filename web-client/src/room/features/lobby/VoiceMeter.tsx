import { useTranslation } from "react-i18next";
import { Meter } from "@/kit/Meter";
import classes from "./Lobby.module.css";
import { HEARD } from "./useSound";

/** How loud one is, and whether that would be heard. */
export function VoiceMeter({
	level,
	microphoneOn,
}: {
	/** From 0 to 1. */
	level: number;
	/** Whether one goes in with the microphone open. */
	microphoneOn: boolean;
}) {
	const { t } = useTranslation("room");
	return (
		<span className={classes.meter}>
			<Meter level={level} />
			<span>
				{!microphoneOn
					? t("lobby.micOff")
					: level > HEARD
						? t("lobby.hearing")
						: t("lobby.speak")}
			</span>
		</span>
	);
}
