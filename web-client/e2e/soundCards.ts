import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { eventually } from "./eventually";

const run = promisify(execFile);

/**
 * The sound cards of one computer, by a PulseAudio of its own: microphones that hear a tone and loudspeakers, really plugged
 * in and out. Chromium sees them as it sees those of any Linux desktop, and tells the page what it tells there.
 */
export class SoundCards {
	readonly #folder = mkdtempSync(join(tmpdir(), "diemcau-sound-"));
	readonly #plugged = new Map<string, string[]>();
	#daemon: ChildProcess | null = null;

	static async start(): Promise<SoundCards> {
		const cards = new SoundCards();
		cards.#daemon = spawn(
			"pulseaudio",
			[
				...["-n", "--daemonize=no", "--exit-idle-time=-1", "--disable-shm=yes"],
				...["--log-level=error", "-L"],
				`module-native-protocol-unix socket=${cards.#socket} auth-anonymous=1`,
			],
			{ env: cards.env, stdio: "ignore" },
		);
		await eventually("the sound server answers", () =>
			cards.#pactl("info").then(Boolean),
		);
		return cards;
	}

	/** What a browser on this computer is started with. */
	get env(): Record<string, string> {
		const { PATH = "", LANG = "C.UTF-8" } = process.env;
		return {
			PATH,
			LANG,
			HOME: this.#folder,
			XDG_RUNTIME_DIR: this.#folder,
			PULSE_SERVER: `unix:${this.#socket}`,
		};
	}

	get #socket(): string {
		return join(this.#folder, "pulse.socket");
	}

	/** Plugs in a microphone in front of which a tone sounds; `hertz` of 0 is one whose cable is off. */
	async plugMicrophone(name: string, hertz = 440): Promise<void> {
		const id = name.replaceAll(" ", "_");
		await this.#plug(name, [
			["module-null-sink", `sink_name=room_${id}`],
			...(hertz > 0
				? [["module-sine", `sink=room_${id}`, `frequency=${hertz}`]]
				: []),
			[
				"module-remap-source",
				`source_name=${id}`,
				`master=room_${id}.monitor`,
				`source_properties='device.description="${name}"'`,
			],
		]);
	}

	/** Plugs in a loudspeaker. */
	async plugSpeaker(name: string): Promise<void> {
		await this.#plug(name, [
			[
				"module-null-sink",
				`sink_name=${name.replaceAll(" ", "_")}`,
				`sink_properties='device.description="${name}"'`,
			],
		]);
	}

	/** Pulls a device out. */
	async pull(name: string): Promise<void> {
		const modules = this.#plugged.get(name);
		if (!modules) throw new Error(`${name} is not plugged in`);
		this.#plugged.delete(name);
		for (const module of [...modules].reverse()) {
			await this.#pactl("unload-module", module);
		}
	}

	/** On which loudspeakers browsers play at the moment, one entry a stream; null for one that rests. */
	async playing(): Promise<(string | null)[]> {
		const sinks = new Map(
			(await this.#pactl("list", "short", "sinks"))
				.split("\n")
				.map((line) => line.split("\t"))
				.map(([index = "", name = ""]) => [index, name.replaceAll("_", " ")]),
		);
		const inputs = (await this.#pactl("list", "sink-inputs")).split(
			/^Sink Input #/m,
		);
		return inputs
			.filter((input) => /media.name = "Playback"/.test(input))
			.map((input) => {
				const sink = /^\s*Sink: (\d+)$/m.exec(input)?.[1] ?? "";
				return /^\s*Corked: yes$/m.test(input)
					? null
					: (sinks.get(sink) ?? null);
			});
	}

	async stop(): Promise<void> {
		this.#daemon?.kill();
		rmSync(this.#folder, { recursive: true, force: true });
	}

	async #plug(name: string, modules: string[][]): Promise<void> {
		const loaded: string[] = [];
		for (const module of modules) {
			loaded.push(await this.#pactl("load-module", ...module));
		}
		this.#plugged.set(name, loaded);
	}

	async #pactl(...words: string[]): Promise<string> {
		const { stdout } = await run("pactl", words, { env: this.env });
		return stdout.trim();
	}
}
