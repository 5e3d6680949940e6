import type { CaptureState } from "../media/capture";
import type { OwnDevicesState } from "../media/ownDevices";

/** What a device gives; null for nothing. */
export const trackOf = (state: CaptureState): MediaStreamTrack | null =>
	state.name === "live" ? state.track : null;

/** What the screens show of one's own devices. */
export function ownOf({ camera, microphone, speaker }: OwnDevicesState) {
	const trouble = (state: CaptureState) =>
		state.name === "failed"
			? state.fault.cause
			: state.name === "live" && state.interrupted
				? ("interrupted" as const)
				: null;
	return {
		hasCamera: camera.name === "live",
		hasMicrophone: microphone.name === "live",
		openingCamera: camera.name === "opening",
		cameraTrouble: trouble(camera),
		microphoneTrouble: trouble(microphone),
		speaker: speaker.device?.id ?? null,
	};
}
