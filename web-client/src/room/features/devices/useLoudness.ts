import { useEffect, useState } from "react";
import type { Device } from "@/room/media/devices";
import { openMicrophone, permissionFor } from "@/room/media/devices";
import { levelOf, measureLoudness } from "@/room/media/meter";
import { opensSeveralMicrophones } from "@/room/media/platform";

/** The level of a microphone that is in use, 0 to 1; 0 without one. The track may be disabled: a copy of it is measured. */
export function useLevelOf(track: MediaStreamTrack | null): number {
	const [level, setLevel] = useState(0);
	useEffect(() => {
		setLevel(0);
		if (!track) return;
		const copy = track.clone();
		copy.enabled = true;
		const stop = measureLoudness(copy, (db) => setLevel(levelOf(db)));
		return () => {
			stop();
			copy.stop();
		};
	}, [track]);
	return level;
}

/**
 * The level of a microphone that is not in use, opened for as long as somebody looks; null where that would ask a question,
 * or take the one in use away.
 */
export function useLevelBeside(device: Device): number | null {
	const [level, setLevel] = useState<number | null>(null);
	const { id } = device;
	useEffect(() => {
		if (!opensSeveralMicrophones(navigator)) return;
		let over = false;
		let end = () => {};
		void (async () => {
			const permission = await permissionFor("microphone");
			if (over || permission?.state !== "granted") return;
			const { track } = await openMicrophone(id);
			if (!track) return;
			if (over) {
				track.stop();
				return;
			}
			const stop = measureLoudness(track, (db) => setLevel(levelOf(db)));
			end = () => {
				stop();
				track.stop();
			};
		})();
		return () => {
			over = true;
			end();
			setLevel(null);
		};
	}, [id]);
	return level;
}
