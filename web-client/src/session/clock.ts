/** The server's time told by a page whose own clock may be wrong. */
export interface ServerClock {
	/** Takes in the `Date` of an answer (RFC 9110, 6.6.1), whole seconds. */
	hear(date: string | null): void;
	/** The present in microseconds UTC: the server's since its first answer, the device's before. */
	nowUs(): number;
}

/** Answers that differ by more from what was reckoned set the clock anew, in milliseconds: a second of `Date`, and some delay. */
const toleranceMs = 1_600;

/** Builds a clock on two of the device's: one that people set, and one that nobody sets. */
export function createServerClock(
	deviceNow: () => number = Date.now,
	monotonic: () => number = () => performance.now(),
): ServerClock {
	let anchor: { serverMs: number; at: number } | null = null;
	const reckoned = (from: { serverMs: number; at: number }) =>
		from.serverMs + (monotonic() - from.at);
	return {
		hear(date) {
			const told = Date.parse(date ?? "");
			if (Number.isNaN(told)) return;
			// The second that is cut off is half over on average.
			const serverMs = told + 500;
			if (
				anchor === null ||
				Math.abs(serverMs - reckoned(anchor)) > toleranceMs
			) {
				anchor = { serverMs, at: monotonic() };
			}
		},
		nowUs: () =>
			Math.floor(anchor === null ? deviceNow() : reckoned(anchor)) * 1_000,
	};
}
