const integer = new Intl.NumberFormat("vi-VN", { maximumFractionDigits: 0 });
const oneDecimal = new Intl.NumberFormat("vi-VN", {
	minimumFractionDigits: 1,
	maximumFractionDigits: 1,
});
const upToOneDecimal = new Intl.NumberFormat("vi-VN", {
	maximumFractionDigits: 1,
});

/** "1.234": a count or a whole measurement. */
export const formatInteger = (value: number): string => integer.format(value);

/** "07", "118": a point's number, as it stands on its plate. */
export const seatNumber = (number: number): string =>
	String(number).padStart(2, "0");

/** "07 Đô Lương": a point in one line of text, by its number and its name. */
export const seatName = ({
	number,
	name,
}: {
	number: number;
	name: string;
}): string => `${seatNumber(number)} ${name}`;

/** "1.234,5": always with one decimal, for columns. */
export const formatDecimal = (value: number): string =>
	oneDecimal.format(value);

/** "18,5" or "4": a decimal only where it says something. */
export const formatHours = (value: number): string =>
	upToOneDecimal.format(value);

/** Bits per second as megabits per second, "0,4". */
export const formatMbps = (bps: number): string =>
	oneDecimal.format(bps / 1_000_000);

/** Bytes as "412 MB" or "1,6 GB". */
export function formatBytes(bytes: number): string {
	if (bytes >= 1e9) return `${oneDecimal.format(bytes / 1e9)} GB`;
	if (bytes >= 1e6) return `${integer.format(bytes / 1e6)} MB`;
	return `${integer.format(Math.max(1, bytes / 1e3))} kB`;
}
