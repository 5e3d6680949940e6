import { useEffect, useState } from "react";
import { useServer } from ".";

/** The present in microseconds UTC by the server's clock, renewed every `everyMs` milliseconds. */
export function useNow(everyMs: number): number {
	const { nowUs } = useServer();
	const [now, setNow] = useState(nowUs);
	useEffect(() => {
		const renew = () => setNow(nowUs());
		renew();
		const timer = setInterval(renew, everyMs);
		return () => clearInterval(timer);
	}, [nowUs, everyMs]);
	return now;
}
