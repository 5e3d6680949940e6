import { causeOf, type DeviceFault, type DeviceKind } from "./faults";
import { CAPTURE, type PictureCodec } from "./lines";

/** A device that can be chosen. */
export interface Device {
	id: string;
	/** As the system names it; empty until the browser may tell. */
	label: string;
}

/** The devices of this machine. */
export interface DeviceLists {
	cameras: Device[];
	microphones: Device[];
	/** Empty where the browser does not let a page choose. */
	speakers: Device[];
}

/** Which devices this machine's people chose last; ids of browsers are per origin and stay. */
export interface DeviceChoice {
	camera: string | null;
	microphone: string | null;
	speaker: string | null;
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
		return typeof stored === "object" && stored !== null
			? { ...DEFAULT_CHOICE, ...stored }
			: DEFAULT_CHOICE;
	} catch {
		return DEFAULT_CHOICE;
	}
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

/** Lists the devices. Names are there only after a first permission. */
export async function listDevices(): Promise<DeviceLists> {
	const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
	const of = (kind: MediaDeviceKind) =>
		devices
			.filter((device) => device.kind === kind && device.deviceId !== "")
			.map((device) => ({ id: device.deviceId, label: device.label }));
	return {
		cameras: of("videoinput"),
		microphones: of("audioinput"),
		speakers:
			"setSinkId" in HTMLMediaElement.prototype ? of("audiooutput") : [],
	};
}

/** A device that was opened, or why it was not. */
export type Opened =
	| { track: MediaStreamTrack; fault: null }
	| { track: null; fault: DeviceFault };

/** Opens a camera: the wanted one if it is there, else any. */
export function openCamera(id: string | null): Promise<Opened> {
	return open("camera", id, (deviceId) => ({
		video: { ...CAPTURE, ...deviceId },
	}));
}

/** Opens a microphone with the browser's echo cancellation, noise suppression and gain control. */
export function openMicrophone(id: string | null): Promise<Opened> {
	return open("microphone", id, (deviceId) => ({
		audio: { ...VOICE, ...deviceId },
	}));
}

/**
 * Opens both, with one question of the browser instead of two. When they cannot be had together, each is opened by
 * itself, so that a missing camera does not silence the microphone.
 */
export async function openBoth(
	cameraId: string | null,
	microphoneId: string | null,
): Promise<{ camera: Opened; microphone: Opened }> {
	try {
		const stream = await navigator.mediaDevices.getUserMedia({
			video: { ...CAPTURE, ...exactly(cameraId) },
			audio: { ...VOICE, ...exactly(microphoneId) },
		});
		const [camera] = stream.getVideoTracks();
		const [microphone] = stream.getAudioTracks();
		if (camera && microphone) {
			return {
				camera: { track: camera, fault: null },
				microphone: { track: microphone, fault: null },
			};
		}
	} catch {
		// Each alone says what is wrong with it.
	}
	const microphone = await openMicrophone(microphoneId);
	const camera = await openCamera(cameraId);
	return { camera, microphone };
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
	id: string | null,
	constraints: (deviceId: MediaTrackConstraints) => MediaStreamConstraints,
): Promise<Opened> {
	if (!navigator.mediaDevices)
		return { track: null, fault: { device, cause: "insecure" } };
	try {
		return await ask(constraints(exactly(id)));
	} catch (error) {
		// The remembered device may have been unplugged; any other will do.
		const gone = id !== null && causeOf(error, device) === "missing";
		if (!gone) return failed(device, error);
		try {
			return await ask(constraints({}));
		} catch (second) {
			return failed(device, second);
		}
	}
}

async function ask(constraints: MediaStreamConstraints): Promise<Opened> {
	const stream = await navigator.mediaDevices.getUserMedia(constraints);
	const track = stream.getTracks()[0];
	if (!track) throw new DOMException("no track", "NotFoundError");
	return { track, fault: null };
}

function failed(device: DeviceKind, error: unknown): Opened {
	return { track: null, fault: { device, cause: causeOf(error, device) } };
}
