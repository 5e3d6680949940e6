import { useEffect, useState } from "react";

/** The present in microseconds UTC, renewed every `everyMs` milliseconds. */
export function useNow(everyMs: number): number {
	const [now, setNow] = useState(() => Date.now() * 1_000);
	useEffect(() => {
		const timer = setInterval(() => setNow(Date.now() * 1_000), everyMs);
		return () => clearInterval(timer);
	}, [everyMs]);
	return now;
}
