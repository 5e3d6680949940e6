import { type ChildProcess, spawn } from "node:child_process";
import { eventually } from "./eventually";
import { besideServer, type Server } from "./server";

/** What a bad link did to datagrams, in each direction seen from the client. */
export interface Losses {
	down: number;
	up: number;
}

/** A link that loses and delays, before a server's first media port: the same model as in the engine's own tests. */
export class BadLink {
	readonly #process: ChildProcess;
	#said = "";

	private constructor(server: Server, profile: string) {
		this.#process = spawn(
			besideServer("loadtest"),
			[
				...["impair", "--listen", "127.0.0.1:0"],
				...["--to", `127.0.0.1:${server.mediaPort}`],
				...["--profile", profile, "--duration", "900"],
			],
			{ stdio: ["ignore", "pipe", "pipe"] },
		);
		const keep = (chunk: Buffer) => {
			this.#said += chunk.toString();
		};
		this.#process.stdout?.on("data", keep);
		this.#process.stderr?.on("data", keep);
		this.#process.on("error", (error) => keep(Buffer.from(String(error))));
	}

	/** Lays it. `profile` says in words what it is like: "delay 75ms loss 4%". */
	static async lay(server: Server, profile: string): Promise<BadLink> {
		const link = new BadLink(server, profile);
		await eventually("the bad link is laid", () => link.#port() !== null);
		return link;
	}

	/** Where clients come in. */
	get port(): number {
		const port = this.#port();
		if (port === null) throw new Error(`no bad link: ${this.#said}`);
		return port;
	}

	#port(): number | null {
		const address = /listening at \S+:(\d+)/.exec(this.#said);
		return address ? Number(address[1]) : null;
	}

	/** Takes it away; with it how many datagrams it lost. */
	async remove(): Promise<Losses> {
		const { exitCode, pid } = this.#process;
		if (pid !== undefined && exitCode === null) {
			const gone = new Promise((done) => this.#process.once("close", done));
			this.#process.kill("SIGINT");
			await gone;
		}
		const lost = (direction: string) => {
			const tally = new RegExp(`${direction}: Tally \\{[^}]*lost: (\\d+)`);
			return Number(tally.exec(this.#said)?.[1] ?? 0);
		};
		return { down: lost("down"), up: lost("up") };
	}
}
