/** What a microphone hears, as far as its owner should be told. */
export type Hearing =
	| "fine"
	/** Somebody speaks into it while it is closed. */
	| "closed"
	/** It is open, and nothing has come from it for 10 s. */
	| "silent";

/** How long an open microphone may give nothing before that is said, in milliseconds. */
export const SILENT_MS = 10_000;

/** Louder than this is a voice before the microphone, in dBFS: a breath, paper and a quiet hall stay below. */
const VOICE_DB = -42;

/** The same while voices come out of the loudspeaker: what echo control leaves of them is no speech of one's own. */
const VOICE_OVER_OTHERS_DB = -32;

/** Quieter than this gives nobody anything to hear, in dBFS. */
const NOTHING_DB = -68;

/** A microphone that was heard before is silent only below this, in dBFS: then a switch or a cable is off, not the people. */
const DEAD_DB = -95;

/** Speech while closed is told after this much of it, in milliseconds: a cough is shorter. */
const SPEECH_MS = 800;

/** Within this time, in milliseconds; words have pauses between them. */
const SPEECH_WITHIN_MS = 2_000;

/**
 * Judges what one microphone gives, reading by reading. It says that somebody speaks into a closed one, and that an open one
 * gives nothing. Pure: time is an argument, in milliseconds of any clock that does not go back.
 */
export class HearingCheck {
	/** The loud readings of late, each with how long it stood. */
	#speech: { atMs: number; ms: number }[] = [];
	#lastMs: number | null = null;
	#heardOnce = false;
	/** Since when an open microphone gives nothing. */
	#silentSinceMs: number | null = null;

	/** Another microphone, or another connection of it: what was heard so far says nothing. */
	reset(): void {
		this.#speech = [];
		this.#lastMs = null;
		this.#heardOnce = false;
		this.#silentSinceMs = null;
	}

	/**
	 * Takes one reading: its loudness in dBFS (-Infinity for digital silence), whether the microphone is open to the room, and
	 * whether others are heard at the moment. Returns what its owner should know.
	 */
	read(
		nowMs: number,
		db: number,
		{ open, others }: { open: boolean; others: boolean },
	): Hearing {
		const stood = Math.min(1_000, nowMs - (this.#lastMs ?? nowMs));
		this.#lastMs = nowMs;
		if (db > NOTHING_DB) this.#heardOnce = true;
		const silent = db <= (this.#heardOnce ? DEAD_DB : NOTHING_DB);
		if (!open || !silent) this.#silentSinceMs = null;
		else this.#silentSinceMs ??= nowMs;

		const voice = db > (others ? VOICE_OVER_OTHERS_DB : VOICE_DB);
		if (open) this.#speech = [];
		else if (voice) this.#speech.push({ atMs: nowMs, ms: stood });
		this.#speech = this.#speech.filter(
			({ atMs }) => nowMs - atMs < SPEECH_WITHIN_MS,
		);
		const spoken = this.#speech.reduce((sum, { ms }) => sum + ms, 0);
		if (spoken >= SPEECH_MS) return "closed";
		return this.#silentSinceMs !== null &&
			nowMs - this.#silentSinceMs >= SILENT_MS
			? "silent"
			: "fine";
	}
}
