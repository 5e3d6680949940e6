import type { Tone } from "@/kit/Status";
import { weakRttMs } from "@/protocol/weakLine";
import type { CaptureState } from "@/room/media/capture";
import type { DeviceFault } from "@/room/media/faults";
import type { ServerCheck } from "./useServerCheck";

/** What was found, before it is judged. */
export interface Findings {
	publishes: boolean;
	server: ServerCheck;
	camera: DeviceFault | null;
	microphone: DeviceFault | null;
	opening: boolean;
	silent: boolean;
}

/** What a person is told of all that was found. */
export interface Judgement {
	key:
		| "unreachable"
		| "noSound"
		| "noPicture"
		| "checking"
		| "silent"
		| "slow"
		| "ready";
	tone: Exclude<Tone, "none">;
	/** The one that has the remedy. */
	fault: DeviceFault | null;
}

/** One verdict, the worst first, with the fault that has the remedy. */
export function judge(found: Findings): Judgement {
	if (found.server.state === "unreachable") {
		return { key: "unreachable", tone: "bad", fault: null };
	}
	if (found.microphone) {
		return { key: "noSound", tone: "warn", fault: found.microphone };
	}
	if (found.camera) {
		return { key: "noPicture", tone: "warn", fault: found.camera };
	}
	if (found.opening || found.server.state === "measuring") {
		return { key: "checking", tone: "info", fault: null };
	}
	if (found.publishes && found.silent) {
		return { key: "silent", tone: "warn", fault: null };
	}
	if (found.server.rttMs > weakRttMs) {
		return { key: "slow", tone: "warn", fault: null };
	}
	return { key: "ready", tone: "ok", fault: null };
}

/** Why a device could not be had; `null` when it can, or is not looked at yet. */
export const faultOf = (state: CaptureState): DeviceFault | null =>
	state.name === "failed" ? state.fault : null;

/** Whether a device that is wanted has not answered yet. */
export const isOpening = ({ name }: CaptureState, wanted = true): boolean =>
	wanted && (name === "opening" || name === "off");
