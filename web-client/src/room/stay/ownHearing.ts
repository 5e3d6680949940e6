import { type Hearing, HearingCheck } from "../media/hearing";
import { measureLoudness } from "../media/meter";

/** The least time between two hints that one speaks into a closed microphone, in milliseconds: a hall has talks of its own. */
const HINT_MS = 30_000;

/** What is asked of the room, and who is told. */
export interface Surroundings {
	/** Whether the microphone is open to the room, and whether others are heard; null for somebody who may not be heard. */
	around(): { open: boolean; others: boolean } | null;
	/** Told at each change of what the microphone hears. */
	tell(hearing: Hearing): void;
	/** Told once in a while that somebody speaks into the closed microphone. */
	hint(): void;
}

/**
 * Listens to one's own microphone on this machine, also while it is closed to the room: a copy of its track is never
 * disabled, and goes nowhere.
 */
export class OwnHearing {
	readonly #room: Surroundings;
	readonly #check = new HearingCheck();
	#stop: (() => void) | null = null;
	#told: Hearing = "fine";
	#hintedMs = Number.NEGATIVE_INFINITY;

	constructor(room: Surroundings) {
		this.#room = room;
	}

	/** Listens to this microphone, and to no other; null to none. The track stays the caller's. */
	listen(microphone: MediaStreamTrack | null): void {
		this.stop();
		this.#check.reset();
		this.#tell("fine");
		if (!microphone || typeof AudioContext === "undefined") return;
		const copy = microphone.clone();
		copy.enabled = true;
		const stop = measureLoudness(copy, (db) => this.#heard(db));
		this.#stop = () => {
			stop();
			copy.stop();
		};
	}

	stop(): void {
		this.#stop?.();
		this.#stop = null;
	}

	#heard(db: number): void {
		const around = this.#room.around();
		if (!around) return;
		const now = performance.now();
		const hearing = this.#check.read(now, db, around);
		this.#tell(hearing);
		if (hearing !== "closed" || now - this.#hintedMs < HINT_MS) return;
		this.#hintedMs = now;
		this.#room.hint();
	}

	#tell(hearing: Hearing): void {
		if (hearing === this.#told) return;
		this.#told = hearing;
		this.#room.tell(hearing);
	}
}
