/** Which lines of the log are shown; days are of Viet Nam, as `2026-11-01`. */
export interface LogFilter {
	who?: string;
	thing?: string;
	action?: string;
	from?: string;
	to?: string;
}

/** A word of the address. What looks like a number there is read as one. */
const word = (value: unknown): string =>
	typeof value === "string" || typeof value === "number"
		? String(value).trim()
		: "";

const day = (value: unknown): string =>
	/^\d{4}-\d{2}-\d{2}$/.test(word(value)) ? word(value) : "";

/** What the address of the page asks for; anything else in it is passed over. */
export function readFilter(search: Record<string, unknown>): LogFilter {
	const read: LogFilter = {
		who: word(search.who),
		thing: word(search.thing),
		action: word(search.action),
		from: day(search.from),
		to: day(search.to),
	};
	return Object.fromEntries(
		Object.entries(read).filter(([, value]) => value !== ""),
	);
}

/** Whether a filter leaves anything out. */
export const isChosen = (filter: LogFilter): boolean =>
	Object.keys(filter).length > 0;
