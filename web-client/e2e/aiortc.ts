import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Server } from "./server";

/** Where the Python with aiortc is, as `.ci/lib` makes it. */
function python(): string {
	const path = process.env.AIORTC_PYTHON ?? "";
	if (!existsSync(path)) {
		throw new Error(
			"there is no Python with aiortc: run `make e2e`, or set AIORTC_PYTHON to one that has e2e/aiortc/requirements.txt",
		);
	}
	return path;
}

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

/** An encoder or player on aiortc: neither a browser's WebRTC stack, nor the server's, nor the load generator's. */
export class Aiortc {
	readonly #process: ChildProcess;
	#told = "";
	#complaints = "";

	private constructor(server: Server, token: string, words: string[]) {
		const script = fileURLToPath(new URL("./aiortc/peer.py", import.meta.url));
		this.#process = spawn(
			python(),
			[
				...[script, ...words, "--url", server.url],
				...["--ca", server.authority, "--session", server.session],
				`--token=${token}`,
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

	/** An encoder by WHIP that speaks one codec alone. */
	static encoder(server: Server, token: string, codec: "H264" | "VP8"): Aiortc {
		return new Aiortc(server, token, ["publish", "--codec", codec]);
	}

	/** A player by WHEP. */
	static player(server: Server, token: string): Aiortc {
		return new Aiortc(server, token, ["watch"]);
	}

	/** Throws what it said last when it has ended of itself. */
	mustRun(): void {
		if (this.#process.pid === undefined || this.#process.exitCode !== null) {
			throw new Error(`aiortc ended: ${this.#complaints}`);
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
		const { exitCode, pid } = this.#process;
		if (pid === undefined || exitCode !== null) return;
		const gone = new Promise((done) => this.#process.once("exit", done));
		this.#process.kill("SIGKILL");
		await gone;
	}
}
