import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { eventually } from "./eventually";
import type { Person } from "./participants";

const run = promisify(execFile);

/** A publisher that can be told apart in a film: one colour, one tone. */
export interface Mark {
	name: string;
	/** Red, green, blue, 0 to 255. */
	rgb: readonly [number, number, number];
	/** The tone, in Hz. */
	hertz: number;
}

/** Chromium's flags for a camera that shows `mark`'s colour and a microphone that beeps its tone. */
export async function markedDevices(
	folder: string,
	mark: Mark,
): Promise<string[]> {
	const picture = join(folder, `${mark.name}.y4m`);
	const sound = join(folder, `${mark.name}.wav`);
	const hex = mark.rgb
		.map((part) => part.toString(16).padStart(2, "0"))
		.join("");
	await run("ffmpeg", [
		...["-v", "error", "-y", "-f", "lavfi"],
		...["-i", `color=0x${hex}:size=640x360:rate=10:duration=2`],
		...["-pix_fmt", "yuv420p", picture],
	]);
	// Half a second on, half off: a steady tone would be taken for noise and removed.
	await run("ffmpeg", [
		...["-v", "error", "-y", "-f", "lavfi", "-i"],
		`aevalsrc='0.4*sin(2*PI*${mark.hertz}*t)*lt(mod(t,1),0.5)':sample_rate=48000:duration=10`,
		sound,
	]);
	return [
		`--use-file-for-fake-video-capture=${picture}`,
		`--use-file-for-fake-audio-capture=${sound}`,
	];
}

/** A film that was made of a meeting. */
export interface Film {
	file: string;
	/** How long the server says it is. */
	seconds: number;
	/** Where in it a moment of this machine's clock is, in seconds. */
	at: (moment: number) => number;
	/**
	 * How long it must at least and at most be, by the server's own clock, which is this machine's: how late a busy page
	 * learns that it was begun is not the film's fault.
	 */
	within: [number, number];
}

/** Ends the meeting, waits for its film, and puts it into `folder`. */
export async function finishedFilm(
	chair: Person,
	folder: string,
): Promise<Film> {
	const asked = Date.now();
	await chair.endSession();
	const done = Date.now();
	const film = await eventually(
		"the film is made",
		async () => {
			const path = `sessions/${chair.session}/recordings`;
			const [recording] = (await read(chair, path)).items;
			if (recording?.state === "failed") throw new Error(recording.failure);
			return recording?.state === "ready" ? recording : null;
		},
		{ withinMs: 180_000 },
	);
	const media = await chair.context.request.get(
		chair.server.url + film.media_url,
	);
	if (media.headers()["content-type"] !== "video/mp4") {
		throw new Error(`the film is ${media.headers()["content-type"]}`);
	}
	const file = join(folder, "film.mp4");
	writeFileSync(file, await media.body());
	const at = (moment: number) => moment / 1e3 - film.started_at_us / 1e6;
	return {
		file,
		seconds: film.duration_us / 1e6,
		at,
		within: [at(asked), at(done)],
	};
}

/** Reads something of the REST interface as `person`. */
async function read(person: Person, path: string) {
	const response = await person.context.request.get(
		`${person.server.url}/api/v1/${path}`,
	);
	if (!response.ok()) {
		throw new Error(`${path}: ${response.status()} ${await response.text()}`);
	}
	return response.json();
}

/** How long a film is, in seconds, and what streams it has. */
export async function probe(
	file: string,
): Promise<{ seconds: number; codecs: string[] }> {
	const { stdout } = await run("ffprobe", [
		...["-v", "error", "-of", "json"],
		...["-show_entries", "format=duration:stream=codec_name", file],
	]);
	const found = JSON.parse(stdout);
	return {
		seconds: Number(found.format.duration),
		codecs: found.streams
			.map((stream: { codec_name: string }) => stream.codec_name)
			.sort(),
	};
}

/** The share of the picture at `second` that has `mark`'s colour, 0 to 1. */
export async function shareOfColour(
	file: string,
	second: number,
	mark: Mark,
): Promise<number> {
	const { stdout } = await run(
		"ffmpeg",
		[
			...["-v", "error", "-ss", String(second), "-i", file, "-frames:v", "1"],
			...["-s", "320x180", "-pix_fmt", "rgb24", "-f", "rawvideo", "-"],
		],
		{ encoding: "buffer", maxBuffer: 1 << 24 },
	);
	let matching = 0;
	for (let at = 0; at + 2 < stdout.length; at += 3) {
		const near = mark.rgb.every(
			(part, channel) => Math.abs((stdout[at + channel] ?? 0) - part) < 60,
		);
		if (near) matching += 1;
	}
	return matching / (stdout.length / 3);
}

/**
 * How much stronger `hertz` is than the tones beside it, between two seconds of a film: about 1 in noise, hundreds when
 * the tone is there (Goertzel over half-second blocks, the best of them).
 */
export async function prominence(
	file: string,
	[from, to]: readonly [number, number],
	hertz: number,
): Promise<number> {
	const rate = 16_000;
	const { stdout } = await run(
		"ffmpeg",
		[
			...["-v", "error", "-ss", String(from), "-to", String(to), "-i", file],
			...["-vn", "-ac", "1", "-ar", String(rate), "-f", "s16le", "-"],
		],
		{ encoding: "buffer", maxBuffer: 1 << 26 },
	);
	const samples = new Int16Array(
		stdout.buffer,
		stdout.byteOffset,
		stdout.length >> 1,
	);
	let best = 0;
	for (let at = 0; at + rate / 2 <= samples.length; at += rate / 4) {
		const block = samples.subarray(at, at + rate / 2);
		const beside =
			(power(block, hertz * 0.93, rate) + power(block, hertz * 1.07, rate)) / 2;
		best = Math.max(best, power(block, hertz, rate) / (beside + 1));
	}
	return best;
}

function power(block: Int16Array, hertz: number, rate: number): number {
	const coefficient = 2 * Math.cos((2 * Math.PI * hertz) / rate);
	let [last, before] = [0, 0];
	for (const sample of block) {
		[last, before] = [sample + coefficient * last - before, last];
	}
	const energy = last ** 2 + before ** 2 - coefficient * last * before;
	return energy / block.length;
}
