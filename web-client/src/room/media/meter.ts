/** How often a meter reads, in milliseconds: five times a second, as often as people can follow. */
const PERIOD_MS = 200;

/** Quieter than this is silence, louder than 0 dB is full: dBFS of the meter's first bar. */
const FLOOR_DB = -60;

/**
 * Measures how loud a microphone is, in dBFS, five times a second. While the browser holds audio back, until the first touch
 * or key, nothing is told. Returns a function that ends it. The track stays the caller's.
 */
export function measureLoudness(
	track: MediaStreamTrack,
	tell: (db: number) => void,
): () => void {
	const context = new AudioContext();
	const source = context.createMediaStreamSource(new MediaStream([track]));
	const analyser = context.createAnalyser();
	analyser.fftSize = 2048;
	source.connect(analyser);
	const samples = new Float32Array(analyser.fftSize);
	const timer = setInterval(() => {
		// A telephone call interrupts it, and gives it back only when asked.
		if (context.state !== "running") {
			void context.resume().catch(() => undefined);
			return;
		}
		analyser.getFloatTimeDomainData(samples);
		tell(loudnessOf(samples));
	}, PERIOD_MS);
	return () => {
		clearInterval(timer);
		source.disconnect();
		void context.close();
	};
}

/** The loudness of some samples in [-1, 1], in dBFS; -Infinity for digital silence. */
export function loudnessOf(samples: Float32Array): number {
	let sum = 0;
	for (const sample of samples) sum += sample * sample;
	return 10 * Math.log10(sum / Math.max(samples.length, 1));
}

/** A loudness as the height of a meter: 0 for silence, 1 for full scale, even steps of loudness between. */
export const levelOf = (db: number): number =>
	Math.min(1, Math.max(0, 1 - db / FLOOR_DB));

/** Plays two soft tones on a loudspeaker. Resolves when they are over; rejects when the loudspeaker cannot be used. */
export const playTestSound = (
	speaker: string | null,
	volume: number,
): Promise<void> => playTones([523.25, 659.25], 0.5, speaker, volume);

/** The sounds that say what happens at the floor: each has its twin on the screen. */
export const SIGNALS = {
	/** A turn is announced: the microphone is about to open. */
	announced: { tones: [659.25, 659.25, 659.25], every: 0.25 },
	/** The microphone has opened. */
	opened: { tones: [880], every: 0.4 },
} as const;

/** Plays such a signal; what the browser refuses stays silent, for the screen says the same. */
export function playSignal(
	signal: keyof typeof SIGNALS,
	speaker: string | null,
	volume: number,
): void {
	const { tones, every } = SIGNALS[signal];
	if (typeof AudioContext === "undefined") return;
	void playTones(tones, every, speaker, volume).catch(() => undefined);
}

/** Plays tones of these frequencies, one each `every` seconds. */
async function playTones(
	frequencies: readonly number[],
	every: number,
	speaker: string | null,
	volume: number,
): Promise<void> {
	const context = new AudioContext();
	const destination = context.createMediaStreamDestination();
	const start = context.currentTime + 0.05;
	for (const [index, frequency] of frequencies.entries()) {
		const from = start + index * every;
		const to = from + every * 0.9;
		const tone = context.createOscillator();
		const gain = context.createGain();
		tone.frequency.value = frequency;
		gain.gain.setValueAtTime(0, from);
		gain.gain.linearRampToValueAtTime(0.5, from + 0.04);
		gain.gain.setValueAtTime(0.5, to - 0.08);
		gain.gain.linearRampToValueAtTime(0, to);
		tone.connect(gain).connect(destination);
		tone.start(from);
		tone.stop(to);
	}
	const element = new Audio();
	element.srcObject = destination.stream;
	element.volume = volume;
	try {
		if (speaker && "setSinkId" in element) await element.setSinkId(speaker);
		await context.resume();
		await element.play();
		const lasts = frequencies.length * every * 1_000 + 100;
		await new Promise((done) => setTimeout(done, lasts));
	} finally {
		element.srcObject = null;
		await context.close();
	}
}
