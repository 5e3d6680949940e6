import type { Session } from "@/protocol/generated/Session";
import type { SessionKind } from "@/protocol/generated/SessionKind";
import type { UnitRef } from "@/protocol/generated/UnitRef";
import type { SessionFilter } from "../api";

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

/** What the address of the page asks for; anything else in it is passed over. */
export function readFilter(search: Record<string, unknown>): SessionFilter {
	const kind = allKinds.find((known) => known === search.kind);
	return {
		...(kind && { kind }),
		...(typeof search.unit === "string" && { unit: search.unit }),
	};
}

/** The units that convene some of these sessions, by name. */
export function conveningUnits(sessions: Session[]): UnitRef[] {
	const units = new Map(
		sessions.map(({ convening_unit }) => [convening_unit.code, convening_unit]),
	);
	return [...units.values()].sort((a, b) => a.name.localeCompare(b.name, "vi"));
}
