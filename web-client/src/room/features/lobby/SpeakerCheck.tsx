import { IconVolume } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { playTestSound } from "@/room/media/meter";
import { Check } from "./Check";
import classes from "./Lobby.module.css";

/** A sound to hear: nobody but its hearer knows whether it came out. */
export function SpeakerCheck({
	speaker,
	volume,
}: {
	/** The id of the loudspeaker; null for the machine's own choice. */
	speaker: string | null;
	/** How loud, from 0 to 1. */
	volume: number;
}) {
	const { t } = useTranslation("room");
	const [heard, setHeard] = useState<"no" | "playing" | "yes" | "bad">("no");
	const play = async () => {
		setHeard("playing");
		try {
			await playTestSound(speaker, volume);
			setHeard("yes");
		} catch {
			setHeard("bad");
		}
	};
	return (
		<Check
			icon={IconVolume}
			what={t("device.speaker")}
			value={
				<button
					type="button"
					className={classes.test}
					disabled={heard === "playing"}
					onClick={() => void play()}
				>
					{heard === "playing" ? t("lobby.playing") : t("lobby.play")}
				</button>
			}
			tone={heard === "yes" ? "ok" : heard === "bad" ? "bad" : "none"}
			word={
				heard === "yes"
					? t("check.played")
					: heard === "bad"
						? t("check.bad")
						: t("check.notYet")
			}
		/>
	);
}
