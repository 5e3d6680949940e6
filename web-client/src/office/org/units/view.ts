/** What the page of units shows, as its address says. */
export interface View {
	/** The day of the tree, as "2025-07-01"; today when absent. */
	day?: string;
	/** Code of the unit in the panel. */
	unit?: string;
	/** What is searched for. */
	find?: string;
}

/** Reads the address of the page; anything else in it is passed over. */
export function readView(search: Record<string, unknown>): View {
	const { day, unit, find } = search;
	return {
		...(typeof day === "string" && /^\d{4}-\d{2}-\d{2}$/.test(day) && { day }),
		...(isText(unit) && { unit: String(unit) }),
		...(isText(find) && { find: String(find) }),
	};
}

/** Whether something in an address is a text; a code of digits comes as a number. */
const isText = (value: unknown): value is string | number =>
	(typeof value === "string" && value !== "") || typeof value === "number";
