import { useEffect } from "react";

/** Keeps the screen awake while somebody is in the room. Browsers let go of it whenever the page is hidden; it is asked for again. */
export function useWakeLock(): void {
	useEffect(() => {
		// Browsers of older PCs, and pages over an untrusted connection, have none.
		const { wakeLock } = navigator as Partial<Pick<Navigator, "wakeLock">>;
		if (!wakeLock) return;
		let over = false;
		let held: WakeLockSentinel | null = null;
		const ask = async () => {
			if (document.visibilityState !== "visible") return;
			try {
				const lock = await wakeLock.request("screen");
				if (over) await lock.release();
				else held = lock;
			} catch {
				// A battery that is nearly empty refuses; the screen then sleeps as it wants.
			}
		};
		const seen = () => void ask();
		document.addEventListener("visibilitychange", seen);
		void ask();
		return () => {
			over = true;
			document.removeEventListener("visibilitychange", seen);
			void held?.release();
		};
	}, []);
}
