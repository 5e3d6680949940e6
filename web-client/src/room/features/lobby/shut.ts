import type { Session } from "@/protocol/generated/Session";

/** Why a door stays shut. */
export type Shut = "over" | "lapsed" | "cancelled" | "notInvited";

/** What keeps this person out of a room for good; nothing when it will let them in. */
export function shutFor({ state, may }: Session): Shut | null {
	if (state === "ended") return "over";
	if (state === "lapsed" || state === "cancelled") return state;
	return may.includes("enter_room") ? null : "notInvited";
}
