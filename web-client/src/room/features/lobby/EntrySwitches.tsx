import {
	IconMicrophone,
	IconMicrophoneOff,
	IconVideo,
	IconVideoOff,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { EntrySwitch } from "./EntrySwitch";
import classes from "./Lobby.module.css";

/** With which of camera and microphone on one goes in. */
export function EntrySwitches({
	cameraOn,
	microphoneOn,
	onCamera,
	onMicrophone,
}: {
	cameraOn: boolean;
	microphoneOn: boolean;
	/** Told the other state of the switch. */
	onCamera: (on: boolean) => void;
	onMicrophone: (on: boolean) => void;
}) {
	const { t } = useTranslation("room");
	return (
		<div className={classes.switches}>
			<span>{t("lobby.onEntry")}</span>
			<EntrySwitch
				on={cameraOn}
				icon={cameraOn ? IconVideo : IconVideoOff}
				testId="lobby-camera"
				onPress={() => onCamera(!cameraOn)}
			>
				{cameraOn ? t("lobby.withCamera") : t("lobby.withoutCamera")}
			</EntrySwitch>
			<EntrySwitch
				on={microphoneOn}
				icon={microphoneOn ? IconMicrophone : IconMicrophoneOff}
				testId="lobby-microphone"
				onPress={() => onMicrophone(!microphoneOn)}
			>
				{microphoneOn ? t("lobby.withMic") : t("lobby.withoutMic")}
			</EntrySwitch>
		</div>
	);
}
