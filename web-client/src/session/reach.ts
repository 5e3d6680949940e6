/** Whether the server answers this device: it does, nothing comes, or what comes is that it cannot. */
export type Reachability = "reached" | "silent" | "failing";

/** What is known of the way to the server. */
export interface Reached {
	state: Reachability;
	/** When it last answered properly before this state began, in microseconds UTC by its clock; `null` if never. */
	heardUs: number | null;
}

/** Watches every request, so that a page can say that what it shows is old. */
export interface Reach {
	/** A request to read was sent; the function given back is called when it is over, however it went. */
	asked(): () => void;
	/** An answer came, with this HTTP status. */
	heard(status: number): void;
	/** A request failed without an answer. */
	lost(): void;
	current(): Reached;
	subscribe(listener: () => void): () => void;
}

/** How long the answer to a read may take before the server counts as silent, in milliseconds; a poor line takes 1 s. */
const silentAfterMs = 4_000;

/** What a proxy or a server says that cannot answer at present. */
const unable: readonly number[] = [502, 503, 504];

/** Builds a watch on the clock of the server. */
export function createReach(nowUs: () => number): Reach {
	let reached: Reached = { state: "reached", heardUs: null };
	let heardUs: number | null = null;
	const waiting = new Set<ReturnType<typeof setTimeout>>();
	const listeners = new Set<() => void>();
	const become = (state: Reachability) => {
		if (reached.state === state) return;
		reached = { state, heardUs };
		for (const listener of listeners) listener();
	};
	return {
		asked() {
			const timer = setTimeout(() => become("silent"), silentAfterMs);
			waiting.add(timer);
			return () => {
				clearTimeout(timer);
				waiting.delete(timer);
			};
		},
		heard(status) {
			if (unable.includes(status)) return become("failing");
			heardUs = nowUs();
			// What is still waited for is late, but not for want of a connection.
			for (const timer of waiting) clearTimeout(timer);
			waiting.clear();
			become("reached");
		},
		lost: () => become("silent"),
		current: () => reached,
		subscribe(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
	};
}
