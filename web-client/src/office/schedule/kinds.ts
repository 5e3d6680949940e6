import type { SessionKind } from "@/protocol/generated/SessionKind";

const kinds: Record<SessionKind, true> = {
	meeting: true,
	briefing: true,
	conference: true,
	seminar: true,
	training: true,
	class_observation: true,
};

/** Every kind of session, in the order of lists. */
export const allKinds = Object.keys(kinds) as SessionKind[];
