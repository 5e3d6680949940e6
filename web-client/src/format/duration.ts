import type { TFunction } from "i18next";

/** "2 giờ 30 phút", "45 phút", "3 ngày 4 giờ": a length in words, of microseconds; the two largest units that are there. */
export function sayDuration(t: TFunction<"pages">, us: number): string {
	const minutes = Math.max(0, Math.floor(us / 60_000_000));
	if (minutes === 0) return t("duration.less");
	const units = [
		[Math.floor(minutes / 1_440), "days"],
		[Math.floor(minutes / 60) % 24, "hours"],
		[minutes % 60, "minutes"],
	] as const;
	const first = units.findIndex(([count]) => count > 0);
	return units
		.slice(first, first + 2)
		.filter(([count]) => count > 0)
		.map(([count, unit]) => t(`duration.${unit}`, { count }))
		.join(" ");
}

/** "1:05:09", "12:05" or "0:05": the time left of a countdown, of microseconds; days are said in hours. */
export function formatCountdown(us: number): string {
	const seconds = Math.max(0, Math.ceil(us / 1_000_000));
	const two = (value: number) => String(value).padStart(2, "0");
	const hours = Math.floor(seconds / 3_600);
	const minutes = Math.floor(seconds / 60) % 60;
	return hours > 0
		? `${hours}:${two(minutes)}:${two(seconds % 60)}`
		: `${minutes}:${two(seconds % 60)}`;
}
