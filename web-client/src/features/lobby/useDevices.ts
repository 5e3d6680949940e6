import { useCallback, useEffect, useRef, useState } from "react";
import {
	type DeviceChoice,
	type DeviceLists,
	listDevices,
	type Opened,
	openBoth,
	openCamera,
	openMicrophone,
	rememberChoice,
	rememberedChoice,
} from "@/media/devices";
import { measureLevel } from "@/media/meter";

/** A device as the check sees it: null while it is being opened, or switched off by choice. */
type Checked = Opened | null;

/** The devices of the check: opened, switched, chosen, let go. Whoever goes in takes the tracks with `handOver`. */
export function useDevices(wanted: boolean) {
	const [choice, setChoice] = useState<DeviceChoice>(rememberedChoice);
	const [lists, setLists] = useState<DeviceLists>({
		cameras: [],
		microphones: [],
		speakers: [],
	});
	const [camera, setCamera] = useState<Checked>(null);
	const [microphone, setMicrophone] = useState<Checked>(null);
	const held = useRef(new Set<MediaStreamTrack>());
	const gone = useRef(false);
	const first = useRef(choice);

	const keep = useCallback((opened: Opened): Opened | null => {
		if (opened.track && gone.current) {
			opened.track.stop();
			return null;
		}
		if (opened.track) held.current.add(opened.track);
		return opened;
	}, []);

	const drop = useCallback((checked: Checked) => {
		if (!checked?.track) return;
		checked.track.stop();
		held.current.delete(checked.track);
	}, []);

	const refresh = useCallback(async () => setLists(await listDevices()), []);

	const check = useCallback(
		async (using: DeviceChoice) => {
			setCamera(null);
			setMicrophone(null);
			for (const track of held.current) track.stop();
			held.current.clear();
			if (using.cameraOn === false) {
				setMicrophone(keep(await openMicrophone(using.microphone)));
			} else {
				const both = await openBoth(using.camera, using.microphone);
				setCamera(keep(both.camera));
				setMicrophone(keep(both.microphone));
			}
			await refresh();
		},
		[keep, refresh],
	);

	useEffect(() => {
		gone.current = false;
		if (wanted) void check(first.current);
		const { mediaDevices } = navigator;
		const changed = () => void refresh();
		mediaDevices?.addEventListener("devicechange", changed);
		return () => {
			mediaDevices?.removeEventListener("devicechange", changed);
			gone.current = true;
			for (const track of held.current) track.stop();
		};
	}, [wanted, check, refresh]);

	const choose = useCallback((change: Partial<DeviceChoice>) => {
		setChoice((before) => {
			const after = { ...before, ...change };
			rememberChoice(after);
			return after;
		});
	}, []);

	return {
		choice,
		lists,
		camera,
		microphone,
		choose,
		checkAgain: () => check(choice),
		async chooseCamera(id: string) {
			choose({ camera: id, cameraOn: true });
			drop(camera);
			setCamera(null);
			setCamera(keep(await openCamera(id)));
		},
		async chooseMicrophone(id: string) {
			choose({ microphone: id });
			drop(microphone);
			setMicrophone(null);
			setMicrophone(keep(await openMicrophone(id)));
		},
		async switchCamera(on: boolean) {
			choose({ cameraOn: on });
			drop(camera);
			setCamera(null);
			if (on) setCamera(keep(await openCamera(choice.camera)));
		},
		/** The tracks, which from here on are the caller's. */
		handOver() {
			held.current.clear();
			return {
				camera: camera?.track ?? null,
				microphone: microphone?.track ?? null,
			};
		},
	};
}

/** The level of a microphone, 0 to 1, and whether it was ever heard. */
export function useLevel(track: MediaStreamTrack | null | undefined): {
	level: number;
	heard: boolean;
	/** Nothing was heard for six seconds. */
	silent: boolean;
} {
	const [level, setLevel] = useState(0);
	const [heard, setHeard] = useState(false);
	const [silent, setSilent] = useState(false);
	useEffect(() => {
		setLevel(0);
		setHeard(false);
		setSilent(false);
		if (!track) return;
		const timer = setTimeout(() => setSilent(true), 6_000);
		const stop = measureLevel(track, (measured) => {
			setLevel(measured);
			if (measured > 0.25) setHeard(true);
		});
		return () => {
			clearTimeout(timer);
			stop();
		};
	}, [track]);
	return { level, heard, silent: silent && !heard };
}
