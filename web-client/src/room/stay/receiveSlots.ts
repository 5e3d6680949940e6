import type { Slot } from "../state/store";

/** How long a slot keeps what it showed on an earlier connection once media flow again, in milliseconds. */
const KEPT_MS = 3_000;

/** The slots by their `mid`, as the screens show them. */
type Slots = Readonly<Record<string, Slot>>;

/** Where the slots are shown. */
export interface SlotSign {
	shown(): Slots;
	show(slots: Slots): void;
	/** Whether media flow. */
	mediaUp(): boolean;
}

/** What the server gives the slots of this page, the lines on which it receives; what they showed stays in sight over a break. */
export class ReceiveSlots {
	readonly #sign: SlotSign;
	/** Slots that still show what an earlier connection gave them. */
	#kept = new Set<string>();
	/** Ends what they keep. */
	#timer: ReturnType<typeof setTimeout> | undefined;

	constructor(sign: SlotSign) {
		this.#sign = sign;
	}

	/** The server gives a slot a track, or takes it away. */
	assigned(slot: Slot): void {
		this.#kept.delete(slot.mid);
		this.#sign.show({ ...this.#sign.shown(), [slot.mid]: slot });
	}

	/** There is another peer connection: what slots showed stays until the server assigns them anew. */
	renewed(): void {
		this.#kept = new Set(Object.keys(this.#sign.shown()));
		// An earlier break's time is not this one's.
		clearTimeout(this.#timer);
	}

	/** Media flow again: what is not assigned anew soon is over. */
	flowing(): void {
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => this.#forgetKept(), KEPT_MS);
	}

	/** The stay is over. */
	stop(): void {
		clearTimeout(this.#timer);
	}

	#forgetKept(): void {
		if (!this.#sign.mediaUp() || this.#kept.size === 0) return;
		const slots = Object.entries(this.#sign.shown());
		this.#sign.show(
			Object.fromEntries(slots.filter(([mid]) => !this.#kept.has(mid))),
		);
		this.#kept.clear();
	}
}
