import type { Slot } from "../state/store";

/** How long a line keeps what it showed on an earlier connection once media flow again, in milliseconds. */
const KEPT_MS = 3_000;

/** The lines by their `mid`, as the screens show them. */
type Lines = Readonly<Record<string, Slot>>;

/** Where the lines are shown. */
export interface LineSign {
	shown(): Lines;
	show(lines: Lines): void;
	/** Whether media flow. */
	mediaUp(): boolean;
}

/** What the server gives the lines on which this page receives; what they showed stays in sight over a break. */
export class ReceiveLines {
	readonly #sign: LineSign;
	/** Lines that still show what an earlier connection gave them. */
	#kept = new Set<string>();

	constructor(sign: LineSign) {
		this.#sign = sign;
	}

	/** The server gives a line a track, or takes it away. */
	assigned(line: Slot): void {
		this.#kept.delete(line.mid);
		this.#sign.show({ ...this.#sign.shown(), [line.mid]: line });
	}

	/** There is another peer connection: what lines showed stays until the server assigns them anew. */
	renewed(): void {
		this.#kept = new Set(Object.keys(this.#sign.shown()));
	}

	/** Media flow again: what is not assigned anew soon is over. */
	flowing(): void {
		setTimeout(() => this.#forgetKept(), KEPT_MS);
	}

	#forgetKept(): void {
		if (!this.#sign.mediaUp() || this.#kept.size === 0) return;
		const lines = Object.entries(this.#sign.shown());
		this.#sign.show(
			Object.fromEntries(lines.filter(([mid]) => !this.#kept.has(mid))),
		);
		this.#kept.clear();
	}
}
