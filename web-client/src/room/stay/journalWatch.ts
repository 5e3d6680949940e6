import type { JournalTrouble } from "@/protocol/generated/JournalTrouble";

/** For how long the server may be unable to save before it is said, in milliseconds. */
const HESITATION_MS = 1_000;

/** Where it is said. */
export interface JournalSign {
	/** What is said at present; null for nothing, as in every room that was entered anew. */
	shown(): JournalTrouble | null;
	show(trouble: JournalTrouble | null): void;
}

/** Says of the journal what lasts: a disk that hesitates for a moment is nobody's concern, one that goes on doing so is. */
export class JournalWatch {
	readonly #sign: JournalSign;
	#wait: ReturnType<typeof setTimeout> | undefined;

	constructor(sign: JournalSign) {
		this.#sign = sign;
	}

	/** The server said how its journal does. */
	told(trouble: JournalTrouble | null): void {
		this.stop();
		if (trouble !== null && this.#sign.shown() === null) {
			this.#wait = setTimeout(() => this.#sign.show(trouble), HESITATION_MS);
		} else {
			this.#sign.show(trouble);
		}
	}

	/** Lets a hesitation be: nobody is told of it any more. */
	stop(): void {
		clearTimeout(this.#wait);
	}
}
