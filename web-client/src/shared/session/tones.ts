import type { Tone } from "@/kit";
import type { SessionState } from "@/protocol/generated/SessionState";

/** The tone of each state of a session. */
export const stateTones: Record<SessionState, Tone> = {
	planned: "info",
	open: "info",
	live: "bad",
	ended: "none",
	lapsed: "none",
	cancelled: "none",
};
