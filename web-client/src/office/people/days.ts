/** "01/09/2026" of a day as the server writes it, "2026-09-01". */
export const showDay = (day: string): string =>
	day.split("-").reverse().join("/");

/** The server's "2026-09-01" of a day as people type it, "1/9/2026" or "01.09.2026"; `null` when the calendar has none such. */
export function readDay(typed: string): string | null {
	const found = /^\s*(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})\s*$/.exec(typed);
	if (found === null) return null;
	const [, day = "", month = "", year = ""] = found;
	const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
	const isSame =
		date.getUTCDate() === Number(day) &&
		date.getUTCMonth() === Number(month) - 1 &&
		Number(year) >= 1900 &&
		Number(year) < 2200;
	return isSame ? date.toISOString().slice(0, 10) : null;
}

/** Today in the province, as the server writes days, of the present in microseconds UTC. */
export const todayOf = (nowUs: number): string =>
	new Date(nowUs / 1_000 + 7 * 3_600_000).toISOString().slice(0, 10);
