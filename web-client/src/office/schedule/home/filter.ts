import type { Session } from "@/protocol/generated/Session";
import type { UnitRef } from "@/protocol/generated/UnitRef";
import type { SessionFilter } from "../api";
import { allKinds } from "../kinds";

/** What the address of the page asks for; anything else in it is passed over. */
export function readFilter(search: Record<string, unknown>): SessionFilter {
	const kind = allKinds.find((known) => known === search.kind);
	const { unit } = search;
	return {
		...(kind && { kind }),
		...(typeof unit === "string" && unit !== "" && { unit }),
	};
}

/** Whether a filter leaves anything out. */
export const isChosen = ({ kind, unit }: SessionFilter): boolean =>
	kind !== undefined || unit !== undefined;

/**
 * The units that convene some of these sessions, by name. A unit that was dissolved stands in a session by its id alone, which
 * says nothing to anybody and which the server takes in no filter: it is left out.
 */
export function conveningUnits(sessions: Session[]): UnitRef[] {
	const units = new Map(
		sessions.map(({ convening_unit }) => [convening_unit.code, convening_unit]),
	);
	return [...units.values()]
		.filter(({ code, name }) => name !== code)
		.sort((a, b) => a.name.localeCompare(b.name, "vi"));
}
