import { causeOf, type DeviceFault, type DeviceKind } from "./faults";
import { CAPTURE, type PictureCodec } from "./lines";

/** A kind of device that stands in a list. */
export type ListedKind = "camera" | "microphone" | "speaker";

/** A device that can be chosen. */
export interface Device {
	id: string;
	/** As the system names it; empty until the browser may tell. */
	label: string;
	/** The same for the microphone and the loudspeaker of one headset; empty where browsers do not say. */
	group: string;
}

/** The devices of this machine. */
export interface DeviceLists extends Record<ListedKind, readonly Device[]> {
	/** Kinds that are there, and whose devices the browser keeps to itself until it has been allowed. */
	hidden: readonly ListedKind[];
	/** The `group` of what the system takes by itself; null where the browser does not say. */
	standard: { microphone: string | null; speaker: string | null };
}

/** Before anything was listed. */
export const NO_DEVICES: DeviceLists = {
	camera: [],
	microphone: [],
	speaker: [],
	hidden: [],
	standard: { microphone: null, speaker: null },
};

/** A device that was chosen, with the name by which it is found again when its id changed with the socket. */
export type ChosenDevice = Pick<Device, "id" | "label">;

/** Which devices this machine's people chose last; ids of browsers are per origin and stay. */
export interface DeviceChoice {
	/** Null for the system's own. */
	camera: ChosenDevice | null;
	microphone: ChosenDevice | null;
	speaker: ChosenDevice | null;
	/** Whether one came in with the camera, and with the microphone, open; null where nobody chose. */
	cameraOn: boolean | null;
	microphoneOn: boolean | null;
	/** 0 to 1. */
	volume: number;
	/** How the camera's picture is encoded. */
	pictureCodec: PictureCodec;
}

const KEY = "diemcau.devices";

/** A hall has loudspeakers: its own echo must not go back. */
const VOICE: MediaTrackConstraints = {
	echoCancellation: true,
	noiseSuppression: true,
	autoGainControl: true,
};

const exactly = (id: string | null): MediaTrackConstraints =>
	id ? { deviceId: { exact: id } } : {};

const DEFAULT_CHOICE: DeviceChoice = {
	camera: null,
	microphone: null,
	speaker: null,
	cameraOn: null,
	microphoneOn: null,
	volume: 0.7,
	pictureCodec: "vp8",
};

/** Returns the remembered choice of this machine. */
export function rememberedChoice(
	storage: Storage = localStorage,
): DeviceChoice {
	try {
		const stored: unknown = JSON.parse(storage.getItem(KEY) ?? "{}");
		if (typeof stored !== "object" || stored === null) return DEFAULT_CHOICE;
		const choice = { ...DEFAULT_CHOICE, ...stored };
		return {
			...choice,
			camera: chosen(choice.camera),
			microphone: chosen(choice.microphone),
			speaker: chosen(choice.speaker),
		};
	} catch {
		return DEFAULT_CHOICE;
	}
}

/** Reads a stored device: its id alone, or its id and its name. */
function chosen(stored: unknown): ChosenDevice | null {
	if (typeof stored === "string") return { id: stored, label: "" };
	if (typeof stored !== "object" || stored === null) return null;
	const { id, label } = stored as Partial<ChosenDevice>;
	if (typeof id !== "string") return null;
	return { id, label: typeof label === "string" ? label : "" };
}

/** Remembers a choice on this machine. */
export function rememberChoice(
	choice: DeviceChoice,
	storage: Storage = localStorage,
): void {
	try {
		storage.setItem(KEY, JSON.stringify(choice));
	} catch {
		// A machine that keeps nothing asks again next time.
	}
}

/** Finds a device in a list: by its id, else by its name when only one has it. */
export function findDevice(
	list: readonly Device[],
	wanted: ChosenDevice | null,
): Device | null {
	if (!wanted) return null;
	const same = list.find(({ id }) => id === wanted.id);
	if (same) return same;
	const named = list.filter(
		({ label }) => label !== "" && label === wanted.label,
	);
	return named.length === 1 ? (named[0] ?? null) : null;
}

/** Ids that Chromium gives to what the system takes by itself: no devices, but names for one of the others. */
const STANDARD = ["default", "communications"];

/** Lists the devices. Names are there only after a first permission. */
export async function listDevices(): Promise<DeviceLists> {
	const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
	const of = (kind: MediaDeviceKind) =>
		devices.filter((device) => device.kind === kind);
	const named = (kind: MediaDeviceKind): Device[] =>
		of(kind)
			.filter(({ deviceId }) => deviceId && !STANDARD.includes(deviceId))
			.map(({ deviceId, label, groupId }) => ({
				id: deviceId,
				label,
				group: groupId,
			}));
	const standard = (kind: MediaDeviceKind): string | null =>
		of(kind).find(({ deviceId }) => deviceId === "default")?.groupId ?? null;
	const kinds = {
		camera: "videoinput",
		microphone: "audioinput",
		speaker: "audiooutput",
	} as const;
	return {
		camera: named("videoinput"),
		microphone: named("audioinput"),
		// Where the browser does not let a page choose, there is nothing to list.
		speaker:
			"setSinkId" in HTMLMediaElement.prototype ? named("audiooutput") : [],
		hidden: (["camera", "microphone", "speaker"] as const).filter((kind) =>
			of(kinds[kind]).some(({ deviceId }) => deviceId === ""),
		),
		standard: {
			microphone: standard("audioinput"),
			speaker: standard("audiooutput"),
		},
	};
}

/** A device that was opened, or why it was not. */
export type Opened =
	| { track: MediaStreamTrack; fault: null }
	| { track: null; fault: DeviceFault };

/** Opens this camera, or the system's own for null. */
export function openCamera(id: string | null): Promise<Opened> {
	return open("camera", { video: { ...CAPTURE, ...exactly(id) } });
}

/** Opens this microphone, or the system's own, with the browser's echo cancellation, noise suppression and gain control. */
export function openMicrophone(id: string | null): Promise<Opened> {
	return open("microphone", { audio: { ...VOICE, ...exactly(id) } });
}

/**
 * Opens both, with one question of the browser instead of two; null when they cannot be had together. Then each by itself
 * says what is wrong with it.
 */
export async function openBoth(
	cameraId: string | null,
	microphoneId: string | null,
): Promise<{ camera: MediaStreamTrack; microphone: MediaStreamTrack } | null> {
	try {
		const stream = await navigator.mediaDevices.getUserMedia({
			video: { ...CAPTURE, ...exactly(cameraId) },
			audio: { ...VOICE, ...exactly(microphoneId) },
		});
		const [camera] = stream.getVideoTracks();
		const [microphone] = stream.getAudioTracks();
		if (camera && microphone) return { camera, microphone };
		for (const track of stream.getTracks()) track.stop();
		return null;
	} catch {
		return null;
	}
}

/** Asks the person for a screen, a window or a tab. */
export async function openScreen(): Promise<Opened> {
	try {
		const stream = await navigator.mediaDevices.getDisplayMedia({
			video: { frameRate: { ideal: 10, max: 15 } },
			audio: false,
		});
		const track = stream.getVideoTracks()[0];
		if (!track) return failed("screen", null);
		track.contentHint = "text";
		return { track, fault: null };
	} catch (error) {
		return failed("screen", error);
	}
}

async function open(
	device: DeviceKind,
	constraints: MediaStreamConstraints,
): Promise<Opened> {
	if (!navigator.mediaDevices)
		return { track: null, fault: { device, cause: "insecure" } };
	try {
		const stream = await navigator.mediaDevices.getUserMedia(constraints);
		const track = stream.getTracks()[0];
		if (!track) throw new DOMException("no track", "NotFoundError");
		return { track, fault: null };
	} catch (error) {
		return failed(device, error);
	}
}

async function failed(device: DeviceKind, error: unknown): Promise<Opened> {
	const permission =
		device === "camera" || device === "microphone"
			? ((await permissionFor(device))?.state ?? null)
			: null;
	const cause = causeOf(error, device, permission);
	return { track: null, fault: { device, cause } };
}

/** What the browser says of this page's right to a device; null where it does not say. */
export async function permissionFor(
	device: "camera" | "microphone",
): Promise<PermissionStatus | null> {
	try {
		return await navigator.permissions.query({
			name: device as PermissionName,
		});
	} catch {
		// Firefox knows no such names, and Chrome of Windows 7 may have no Permissions API on this page.
		return null;
	}
}
