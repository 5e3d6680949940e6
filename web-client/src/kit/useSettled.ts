import { useLayoutEffect, useRef, useState } from "react";

/**
 * Whoever presses within this time of a change aimed at what stood there before, in milliseconds: nobody reads and reacts as
 * fast, and the second press of a double click comes within it.
 */
export const SETTLED_MS = 350;

/** Whether what a key does has stood unchanged for long enough to be what a press means; as it was at first, it has. */
export function useSettled(does: string): boolean {
	const known = useRef(does);
	const [settled, setSettled] = useState(true);
	useLayoutEffect(() => {
		if (known.current === does) return;
		known.current = does;
		setSettled(false);
		const timer = setTimeout(() => setSettled(true), SETTLED_MS);
		return () => clearTimeout(timer);
	}, [does]);
	return settled;
}
