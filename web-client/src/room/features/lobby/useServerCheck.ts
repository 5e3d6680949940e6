import { useCallback, useEffect, useState } from "react";

/** How many times the way to the server is measured. */
const READINGS = 4;

/** How long one reading may take, in milliseconds. */
const READING_MS = 4_000;

/** The way to the server. */
export type ServerCheck =
	| { state: "measuring" }
	| { state: "reached"; rttMs: number }
	| { state: "unreachable" };

/** Measures the round trip to the server a few times and takes the best: the first one opens the connection. */
export function useServerCheck(): ServerCheck & { again: () => void } {
	const [check, setCheck] = useState<ServerCheck>({ state: "measuring" });
	const measure = useCallback(async (signal: AbortSignal) => {
		setCheck({ state: "measuring" });
		let best = Number.POSITIVE_INFINITY;
		for (let reading = 0; reading < READINGS; reading += 1) {
			const from = performance.now();
			// One controller for both ends of a reading: browsers of older PCs cannot join signals.
			const attempt = new AbortController();
			const end = () => attempt.abort();
			const timer = setTimeout(end, READING_MS);
			signal.addEventListener("abort", end);
			try {
				const response = await fetch("/healthz", {
					cache: "no-store",
					signal: attempt.signal,
				});
				if (response.ok) best = Math.min(best, performance.now() - from);
			} catch {
				if (signal.aborted) return;
			} finally {
				clearTimeout(timer);
				signal.removeEventListener("abort", end);
			}
		}
		setCheck(
			Number.isFinite(best)
				? { state: "reached", rttMs: best }
				: { state: "unreachable" },
		);
	}, []);
	const [run, setRun] = useState(0);
	// biome-ignore lint/correctness/useExhaustiveDependencies: each run measures anew.
	useEffect(() => {
		const aborter = new AbortController();
		void measure(aborter.signal);
		return () => aborter.abort();
	}, [measure, run]);
	return { ...check, again: () => setRun((before) => before + 1) };
}
