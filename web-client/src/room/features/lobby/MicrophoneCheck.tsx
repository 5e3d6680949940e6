import { IconMicrophone } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { CaptureState } from "@/room/media/capture";
import { Check } from "./Check";
import { captureWord } from "./captureWord";
import type { Sound } from "./useSound";

/** Whether anything was heard. */
export function MicrophoneCheck({
	microphone,
	sound,
}: {
	microphone: CaptureState;
	sound: Sound;
}) {
	const { t } = useTranslation("room");
	return (
		<Check
			icon={IconMicrophone}
			what={t("device.microphone")}
			value={
				microphone.name === "live"
					? sound.heard
						? t("lobby.hearing")
						: t("lobby.speak")
					: ""
			}
			{...captureWord(
				microphone,
				sound.heard ? "ok" : sound.silent ? "look" : "listening",
				t,
			)}
		/>
	);
}
