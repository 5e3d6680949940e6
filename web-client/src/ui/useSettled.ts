import { useLayoutEffect, useRef } from "react";

/** Whoever presses within this time of a change aimed at what stood there before, in milliseconds; a double click takes as long. */
export const SETTLED_MS = 500;

/** Whether what a key does has stood unchanged for long enough to be what a press means; as it was at first, it has. */
export function useSettled(does: string): () => boolean {
	const last = useRef({ does, sinceMs: Number.NEGATIVE_INFINITY });
	useLayoutEffect(() => {
		if (last.current.does !== does)
			last.current = { does, sinceMs: performance.now() };
	}, [does]);
	return () => performance.now() - last.current.sinceMs >= SETTLED_MS;
}
