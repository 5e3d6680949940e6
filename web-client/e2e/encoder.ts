import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { besideServer, type Server } from "./server";

/** One encoder with picture and sound. It stays until it is stopped, however long a scene takes. */
const SCENARIO = `
about = "one encoder by WHIP"
duration_s = 3600
join_within_s = 0.1

[[group]]
name = "encoder"
count = 1
role = "point"
via = "whip"
publish = ["camera", "microphone"]
layers = ["m"]
`;

/** An encoder by WHIP on a WebRTC stack that is neither a browser's nor the server's: the load generator's. */
export class Encoder {
	readonly #folder: string;
	readonly #process: ChildProcess;
	#log = "";

	constructor(server: Server, token: string) {
		this.#folder = mkdtempSync(join(tmpdir(), "diemcau-encoder-"));
		const scenario = join(this.#folder, "encoder.toml");
		writeFileSync(scenario, SCENARIO);
		this.#process = spawn(
			besideServer("loadtest"),
			[
				...["run", "--scenario", scenario],
				...["--url", server.url, "--ca", server.authority],
				...["--session", server.session, `--token=${token}`],
			],
			{ stdio: ["ignore", "pipe", "pipe"] },
		);
		const keep = (chunk: Buffer) => {
			this.#log += chunk.toString();
		};
		this.#process.stdout?.on("data", keep);
		this.#process.stderr?.on("data", keep);
		this.#process.on("error", (error) => keep(Buffer.from(String(error))));
	}

	/** Throws what it said last when it has ended of itself. */
	mustRun(): void {
		if (this.#process.pid === undefined || this.#process.exitCode !== null) {
			throw new Error(`the encoder ended: ${this.#log}`);
		}
	}

	/** Ends it, as somebody who pulls its plug. */
	async stop(): Promise<void> {
		const { exitCode, pid } = this.#process;
		if (pid !== undefined && exitCode === null) {
			const gone = new Promise((done) => this.#process.once("exit", done));
			this.#process.kill("SIGKILL");
			await gone;
		}
		rmSync(this.#folder, { recursive: true, force: true });
	}
}
