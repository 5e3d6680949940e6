/** The first pause before a new attempt, in milliseconds. Short: most breaks are a switch or an access point that restarts. */
const FIRST_MS = 300;

/** The longest pause, in milliseconds. With the seat held for 120 s, at least twenty attempts fall into that time. */
const LONGEST_MS = 5_000;

/**
 * Returns how long to wait before attempt number `attempt` (0 is the first after a break), in milliseconds.
 * Doubles up to {@link LONGEST_MS}; `random` in [0, 1) takes up to half of it away, so that the points of a
 * province do not come back in the same instant after the server has restarted.
 */
export function backoffMs(attempt: number, random: number): number {
	const full = Math.min(FIRST_MS * 2 ** Math.min(attempt, 10), LONGEST_MS);
	return Math.round(full * (1 - random / 2));
}
