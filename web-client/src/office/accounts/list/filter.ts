import type { AccountState } from "@/protocol/generated/AccountState";

/** Which people are listed; what is absent leaves nobody out. */
export interface AccountFilter {
	/** Part of a name or login. */
	q?: string;
	/** Code of the unit below which they are. */
	unit?: string;
	state?: AccountState;
}

export const allStates: readonly AccountState[] = [
	"active",
	"invited",
	"none",
	"disabled",
];

/** What the address of the page asks for; anything else in it is passed over. */
export function readFilter(search: Record<string, unknown>): AccountFilter {
	const state = allStates.find((known) => known === search.state);
	const said = (value: unknown) =>
		typeof value === "string" || typeof value === "number"
			? String(value).trim()
			: "";
	const [q, unit] = [said(search.q), said(search.unit)];
	return {
		...(q !== "" && { q }),
		...(unit !== "" && { unit }),
		...(state && { state }),
	};
}
