import type { Profile } from "@/protocol/generated/Profile";
import type { SessionRole } from "@/protocol/generated/SessionRole";

/** How many receive lines of each kind a profile has: the server's `Profile::slots`. */
export interface SlotCounts {
	stage: number;
	tiles: number;
	screen: number;
	audio: number;
}

/** The profiles of this page; WHIP and WHEP clients are other programs. */
export type PageProfile = Extract<Profile, "desk" | "room" | "phone">;

/** The receive lines of each profile. */
export const SLOTS: Record<PageProfile, SlotCounts> = {
	desk: { stage: 1, tiles: 24, screen: 1, audio: 4 },
	room: { stage: 1, tiles: 8, screen: 1, audio: 4 },
	phone: { stage: 1, tiles: 3, screen: 1, audio: 4 },
};

/** What a page knows about the machine it runs on. */
export interface Machine {
	/** The shorter side of the screen, in CSS pixels. */
	shortSide: number;
	/** Whether the main pointer is a finger. */
	touch: boolean;
}

/**
 * Chooses the profile. `override` is the address's `?profile=`, for a hall's keeper and for tests; a small touch screen
 * is a phone; a point's own link means its room device; everything else is a person's computer.
 */
export function chooseProfile(
	machine: Machine,
	role: SessionRole | null,
	override: string | null,
): PageProfile {
	if (override === "desk" || override === "room" || override === "phone")
		return override;
	if (machine.touch && machine.shortSide < 600) return "phone";
	if (machine.shortSide < 480) return "phone";
	return role === "point" ? "room" : "desk";
}

/** Reads this machine. */
export function thisMachine(): Machine {
	return {
		shortSide: Math.min(window.innerWidth, window.innerHeight),
		touch: matchMedia("(pointer: coarse)").matches,
	};
}
