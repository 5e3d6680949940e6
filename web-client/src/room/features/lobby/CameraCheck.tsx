import { IconVideo } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { CaptureState } from "@/room/media/capture";
import { trackOf } from "@/room/stay/ownMedia";
import { Check } from "./Check";
import { captureWord } from "./captureWord";

/** Whether there is a picture, and how large. */
export function CameraCheck({
	camera,
	on,
}: {
	camera: CaptureState;
	/** Whether one wants to be seen. */
	on: boolean;
}) {
	const { t } = useTranslation("room");
	return (
		<Check
			icon={IconVideo}
			what={t("device.camera")}
			value={resolutionOf(trackOf(camera))}
			{...(on
				? captureWord(camera, "ok", t)
				: { tone: "none", word: t("check.off") })}
		/>
	);
}

function resolutionOf(track: MediaStreamTrack | null): string {
	const settings = track?.getSettings();
	return settings?.width && settings.height
		? `${settings.width}×${settings.height}`
		: "";
}
