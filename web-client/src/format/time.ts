/** The one time zone of every screen: the province's, whatever the device is set to. It has no daylight saving. */
const zone = "Asia/Ho_Chi_Minh";
const offsetMs = 7 * 3_600_000;
const dayMs = 86_400_000;

const dateFormat = new Intl.DateTimeFormat("vi-VN", {
	timeZone: zone,
	day: "2-digit",
	month: "2-digit",
	year: "numeric",
});
const timeFormat = new Intl.DateTimeFormat("vi-VN", {
	timeZone: zone,
	hour: "2-digit",
	minute: "2-digit",
	hourCycle: "h23",
});
const secondFormat = new Intl.DateTimeFormat("vi-VN", {
	timeZone: zone,
	hour: "2-digit",
	minute: "2-digit",
	second: "2-digit",
	hourCycle: "h23",
});

/** "17/11/2026", of an instant in microseconds UTC. */
export const formatDate = (us: number): string => dateFormat.format(us / 1_000);

/** "08:00", of an instant in microseconds UTC. */
export const formatTime = (us: number): string => timeFormat.format(us / 1_000);

/** "08:00:05", of an instant in microseconds UTC. */
export const formatSeconds = (us: number): string =>
	secondFormat.format(us / 1_000);

/** "08:00, 17/11/2026", of an instant in microseconds UTC. */
export const formatDateTime = (us: number): string =>
	`${formatTime(us)}, ${formatDate(us)}`;

/** "Thứ Ba" or "Tuesday", of an instant in microseconds UTC. */
export function formatWeekday(us: number, language: string): string {
	return new Intl.DateTimeFormat(language === "en" ? "en-GB" : "vi-VN", {
		timeZone: zone,
		weekday: "long",
	}).format(us / 1_000);
}

/** "Thứ Ba, 17/11/2026", of an instant in microseconds UTC. */
export const formatDay = (us: number, language: string): string =>
	`${formatWeekday(us, language)}, ${formatDate(us)}`;

/** "1:58:00", "41:20" or "0:05": a position in a recording, of a length in seconds. */
export function formatClock(seconds: number): string {
	const whole = Math.max(0, Math.floor(seconds));
	const hours = Math.floor(whole / 3_600);
	const minutes = Math.floor((whole % 3_600) / 60);
	const rest = String(whole % 60).padStart(2, "0");
	return hours > 0
		? `${hours}:${String(minutes).padStart(2, "0")}:${rest}`
		: `${minutes}:${rest}`;
}

/** The first microsecond of the day, in the province, that contains an instant; `days` later if given. */
export function startOfDay(us: number, days = 0): number {
	const localMs = us / 1_000 + offsetMs;
	const midnightMs = Math.floor(localMs / dayMs) * dayMs - offsetMs;
	return (midnightMs + days * dayMs) * 1_000;
}

/** Whether two instants fall on the same day in the province. */
export const sameDay = (a: number, b: number): boolean =>
	startOfDay(a) === startOfDay(b);

/** Reads "19/11/2026", "19-11-2026", "19.11.26" or "19/11" (of the year of `nowUs`); `null` for what is no date. Gives the day's first microsecond. */
export function parseDate(text: string, nowUs: number): number | null {
	const parts =
		/^\s*(\d{1,2})[/.\-\s](\d{1,2})(?:[/.\-\s](\d{2}|\d{4}))?\s*$/.exec(text);
	if (parts === null) return null;
	const [, day = "", month = "", year] = parts;
	const thisYear = Number(formatDate(nowUs).slice(-4));
	const fullYear =
		year === undefined
			? thisYear
			: year.length === 2
				? 2_000 + Number(year)
				: Number(year);
	const utcMs = Date.UTC(fullYear, Number(month) - 1, Number(day));
	const read = new Date(utcMs);
	if (
		read.getUTCDate() !== Number(day) ||
		read.getUTCMonth() !== Number(month) - 1
	) {
		return null; // 31/02 rolls over into March.
	}
	return (utcMs - offsetMs) * 1_000;
}

/** Reads "14:00", "14h", "14h30", "1430" or "8"; `null` for what is no time of day. Gives microseconds since midnight. */
export function parseTime(text: string): number | null {
	const parts =
		/^\s*(\d{1,2})\s*(?:[:.hg]\s*(\d{1,2})?)?\s*$/i.exec(text) ??
		/^\s*(\d{1,2})(\d{2})\s*$/.exec(text);
	if (parts === null) return null;
	const hours = Number(parts[1]);
	const minutes = Number(parts[2] ?? 0);
	if (hours > 23 || minutes > 59) return null;
	return (hours * 60 + minutes) * 60_000_000;
}
