import { formatDate, parseDate } from "./time";

/** The first microsecond of a calendar day such as "2025-07-01", in the province; `null` for what is no such day. */
export function startOfIsoDay(day: string): number | null {
	const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day);
	if (parts === null) return null;
	const [, year = "", month = "", date = ""] = parts;
	return parseDate(`${date}/${month}/${year}`, 0);
}

/** "01/07/2025", of a calendar day such as "2025-07-01"; what is no day is told as it is. */
export function formatIsoDay(day: string): string {
	const us = startOfIsoDay(day);
	return us === null ? day : formatDate(us);
}

/** The calendar day of an instant in microseconds UTC, in the province: "2025-07-01". */
export const isoDay = (us: number): string =>
	formatDate(us).split("/").reverse().join("-");

/** The day so many days after another, as "2025-07-01". */
export function addDays(day: string, days: number): string {
	const us = startOfIsoDay(day);
	return us === null ? day : isoDay(us + days * 86_400_000_000);
}

/** How many days lie between two; negative when the second is earlier. */
export const daysBetween = (from: string, to: string): number =>
	Math.round(
		((startOfIsoDay(to) ?? 0) - (startOfIsoDay(from) ?? 0)) / 86_400_000_000,
	);

/** Reads "1/7/2025", "01-07-25" or "1/7" (of this year) as "2025-07-01"; `null` for what is no day. */
export function readIsoDay(text: string, nowUs: number): string | null {
	const us = parseDate(text, nowUs);
	return us === null ? null : isoDay(us);
}
