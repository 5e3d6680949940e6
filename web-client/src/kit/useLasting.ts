import { useEffect, useState } from "react";

/** Whether a condition has held for some time, in milliseconds. */
export function useLasting(condition: boolean, ms: number): boolean {
	const [lasting, setLasting] = useState(false);
	useEffect(() => {
		if (!condition) {
			setLasting(false);
			return;
		}
		const timer = setTimeout(() => setLasting(true), ms);
		return () => clearTimeout(timer);
	}, [condition, ms]);
	return lasting;
}
