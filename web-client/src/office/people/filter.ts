/** Which people the list shows. A field that is absent takes everybody. */
export interface PeopleFilter {
	/** What is looked for in names and codes. */
	q?: string;
	/** Code of a unit. */
	unit?: string;
}

/** What the address of the page asks for; anything else in it is passed over. */
export function readFilter({ q, unit }: Record<string, unknown>): PeopleFilter {
	return {
		...(typeof q === "string" && q !== "" && { q }),
		...(typeof q === "number" && { q: String(q) }),
		...(typeof unit === "string" && unit !== "" && { unit }),
	};
}
