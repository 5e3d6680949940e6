/** The kinds of machine whose ways out of a blocked device differ. */
export type Platform = "windows" | "android" | "ios" | "other";

/** Reads the machine from what its browser says of itself. An iPad presents itself as a Mac that can be touched. */
export function platformOf({
	userAgent,
	maxTouchPoints,
}: Pick<Navigator, "userAgent" | "maxTouchPoints">): Platform {
	if (/Android/i.test(userAgent)) return "android";
	if (/iPhone|iPad|iPod/i.test(userAgent)) return "ios";
	if (/Macintosh/i.test(userAgent) && maxTouchPoints > 1) return "ios";
	if (/Windows/i.test(userAgent)) return "windows";
	return "other";
}

/**
 * Whether a second microphone can be opened beside the first without taking it away: WebKit captures from one at a time,
 * and mutes the earlier.
 */
export function opensSeveralMicrophones({
	userAgent,
}: Pick<Navigator, "userAgent">): boolean {
	const webkit = /AppleWebKit/i.test(userAgent);
	const chromium = /Chrom(e|ium)\//i.test(userAgent);
	return !webkit || chromium;
}
