import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Server } from "./server";

/** What a player has decoded so far. */
export interface Decoded {
	frames: number;
	width: number;
	/** Red, green and blue at the left and at the right of the last picture. */
	left: [number, number, number] | null;
	right: [number, number, number] | null;
	/** 0 to 1, of the loudest packet. */
	loudness: number;
}

const red = ([r, g, b]: [number, number, number]) =>
	r > 150 && g < 90 && b < 90;
const blue = ([r, g, b]: [number, number, number]) =>
	r < 90 && g < 90 && b > 150;

/** Whether a player has the picture and tone of the scripts' encoder, in their colours and with their loudness. */
export const asSent = (seen: Decoded | null) =>
	seen !== null &&
	seen.frames > 20 &&
	seen.left !== null &&
	red(seen.left) &&
	seen.right !== null &&
	blue(seen.right) &&
	seen.loudness > 0.1;

/** An encoder or player that is no browser: a Python script on a WebRTC stack of its own. */
export class ScriptedPeer {
	readonly #process: ChildProcess;
	readonly #name: string;
	#told = "";
	#complaints = "";

	/** `script` lies below this folder; it is told where the server is besides `words`. */
	constructor(
		python: string,
		script: string,
		server: Server,
		token: string,
		words: string[],
	) {
		this.#name = script;
		this.#process = spawn(
			python,
			[
				...[fileURLToPath(new URL(script, import.meta.url)), ...words],
				...["--url", server.url, "--ca", server.authority],
				...["--session", server.session, `--token=${token}`],
			],
			{ stdio: ["ignore", "pipe", "pipe"] },
		);
		this.#process.stdout?.on("data", (chunk: Buffer) => {
			this.#told += chunk.toString();
		});
		const complain = (words: unknown) => {
			this.#complaints += String(words);
		};
		this.#process.stderr?.on("data", complain);
		this.#process.on("error", complain);
	}

	/** Throws what it said last when it has ended of itself. */
	mustRun(): void {
		const { exitCode, pid, signalCode } = this.#process;
		if (pid === undefined || exitCode !== null || signalCode !== null) {
			throw new Error(`${this.#name} ended: ${this.#complaints}`);
		}
	}

	/** What a player decoded, as it said last; null before it said anything. */
	decoded(): Decoded | null {
		this.mustRun();
		const lines = this.#told.split("\n").slice(0, -1);
		const last = lines.at(-1);
		return last === undefined ? null : JSON.parse(last);
	}

	/** Ends it, as somebody who pulls its plug. */
	async stop(): Promise<void> {
		const { exitCode, pid, signalCode } = this.#process;
		if (pid === undefined || exitCode !== null || signalCode !== null) return;
		const gone = new Promise((done) => this.#process.once("exit", done));
		this.#process.kill("SIGKILL");
		await gone;
	}
}
