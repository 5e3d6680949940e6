import { useEffect, useState } from "react";
import { levelOf, measureLoudness } from "@/room/media/meter";

/** How long a microphone may give nothing before the check says so, in milliseconds of listening. */
const SILENT_MS = 6_000;

/** A level that people call "heard": a voice at arm's length. */
export const HEARD = 0.25;

/** What a microphone gives. */
export interface Sound {
	/** How loud it is, 0 to 1. */
	level: number;
	/** Whether it was ever heard. */
	heard: boolean;
	/** Nothing was heard for six seconds. */
	silent: boolean;
}

/** The level of a microphone, 0 to 1, and whether it was ever heard. */
export function useSound(track: MediaStreamTrack | null): Sound {
	const [level, setLevel] = useState(0);
	const [heard, setHeard] = useState(false);
	const [silent, setSilent] = useState(false);
	useEffect(() => {
		setLevel(0);
		setHeard(false);
		setSilent(false);
		if (!track) return;
		// Counted from the first reading: before the first touch browsers hold audio back.
		let since: number | null = null;
		return measureLoudness(track, (db) => {
			since ??= performance.now();
			const measured = levelOf(db);
			setLevel(measured);
			if (measured > HEARD) setHeard(true);
			setSilent(performance.now() - since >= SILENT_MS);
		});
	}, [track]);
	return { level, heard, silent: silent && !heard };
}
