import {
	type ChildProcess,
	type ExecFileOptions,
	execFile,
	spawn,
} from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { eventually } from "./eventually";

const run = promisify(execFile);

/** An account of the demonstration province. */
export interface DemoAccount {
	login: string;
	password: string;
	role: string;
	bridge_point: string | null;
}

/** What `diemcau demo --json` prints. */
export interface Demo {
	accounts: DemoAccount[];
	session_code: string;
	join_url: string;
}

/** How to start a server. */
export interface ServerOptions {
	/** The address that browsers reach it under. */
	ip?: string;
	/** More environment: `DIEMCAU_…` overrides of the configuration. */
	env?: Record<string, string>;
	/** Lines for a `signaling.toml` beside it. */
	signaling?: string;
	/** Without the demonstration province: an installation that nobody has used yet. */
	empty?: boolean;
}

/** A real server on free ports with its own data folder, seeded with the demonstration province unless it is to be empty. */
export class Server {
	readonly url: string;
	readonly #demo: Demo | null;
	readonly #options: Required<ServerOptions>;
	readonly #folder: string;
	readonly #ports: { https: number; media: number };
	#process: ChildProcess | null = null;
	#log = "";

	private constructor(
		options: Required<ServerOptions>,
		folder: string,
		ports: { https: number; media: number },
		demo: Demo | null,
	) {
		this.#options = options;
		this.#folder = folder;
		this.#ports = ports;
		this.#demo = demo;
		this.url = `https://${options.ip}:${ports.https}`;
	}

	static async start(options: ServerOptions = {}): Promise<Server> {
		const complete = {
			ip: "127.0.0.1",
			env: {},
			signaling: "",
			empty: false,
			...options,
		};
		const folder = mkdtempSync(join(tmpdir(), "diemcau-e2e-"));
		if (complete.signaling) {
			writeFileSync(join(folder, "signaling.toml"), complete.signaling);
		}
		const env = { ...process.env, ...complete.env };
		const demo = complete.empty
			? null
			: await run(
					binary(),
					["demo", "--data-dir", join(folder, "data"), "--json"],
					{ env } as ExecFileOptions,
				);
		const ports = {
			https: await freePorts(1),
			// One UDP port per shard from the first on; TCP on the same numbers.
			media: await freePorts(4),
		};
		const server = new Server(
			complete,
			folder,
			ports,
			demo && JSON.parse(String(demo.stdout)),
		);
		await server.run();
		return server;
	}

	/** What the demonstration province holds. */
	get demo(): Demo {
		if (!this.#demo) throw new Error("this server has no demonstration");
		return this.#demo;
	}

	/** Whether nobody has used it before. */
	get isEmpty(): boolean {
		return this.#demo === null;
	}

	/** An account of the demonstration. */
	account(login: string): DemoAccount {
		const found = this.demo.accounts.find((one) => one.login === login);
		if (!found) throw new Error(`the demonstration has no ${login}`);
		return found;
	}

	/** The port of HTTPS. */
	get port(): number {
		return this.#ports.https;
	}

	/** The code of the meeting that is on. */
	get session(): string {
		return this.demo.session_code;
	}

	/** The certificate of the authority that signed the server's own. */
	get authority(): string {
		return join(this.#folder, "data", "tls", "ca.crt");
	}

	/** The media port of the first shard. */
	get mediaPort(): number {
		return this.#ports.media;
	}

	/** Has the operator make a bearer token of the meeting: for an encoder or a player, which cannot sign in. */
	async token(
		role: "point" | "viewer",
		name: string,
		bridgePoint?: string,
	): Promise<string> {
		const { stdout } = await run(binary(), [
			...["token", "--data-dir", join(this.#folder, "data")],
			...["--session", this.session, "--role", role, "--name", name],
			...(bridgePoint ? ["--point", bridgePoint] : []),
		]);
		return stdout.trim();
	}

	/** The same for many. */
	async tokens(role: "point", name: string, count: number): Promise<string[]> {
		const { stdout } = await run(binary(), [
			...["token", "--data-dir", join(this.#folder, "data")],
			...["--session", this.session, "--role", role, "--name", name],
			...["--count", String(count)],
		]);
		return stdout.trim().split("\n");
	}

	/** Lets the time of a joining link be over, as it is hours after its session. */
	async outlive(link: { id: string }): Promise<void> {
		const lapse = `
import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as database:
    changed = database.execute(
        "UPDATE access_token SET expires_at_us = created_at_us WHERE id = ?",
        [bytes.fromhex(sys.argv[2].replace("-", ""))],
    )
    assert changed.rowcount == 1, "there is no such link"
`;
		const database = join(this.#folder, "data", "diemcau.db");
		await run("python3", ["-c", lapse, database, link.id]);
	}

	/** Starts the process, again after `kill`. */
	async run(): Promise<void> {
		const { ip, env, signaling } = this.#options;
		this.#process = spawn(
			binary(),
			[
				"serve",
				"--data-dir",
				join(this.#folder, "data"),
				...(signaling ? ["--config-dir", this.#folder] : []),
				"--listen",
				`0.0.0.0:${this.#ports.https}`,
				"--public-ip",
				ip,
				"--media-port",
				String(this.#ports.media),
			],
			{ env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] },
		);
		const keep = (chunk: Buffer) => {
			this.#log = (this.#log + chunk.toString()).slice(-20_000);
		};
		this.#process.stdout?.on("data", keep);
		this.#process.stderr?.on("data", keep);
		await eventually(
			`the server is ready (${this.#log})`,
			async () => {
				if (this.#process?.exitCode != null) {
					throw new Error(`the server stopped: ${this.#log}`);
				}
				return (await get(`${this.url}/readyz`)) === 200;
			},
			{ withinMs: 60_000 },
		);
	}

	/** Ends it as a power cut does. */
	async kill(): Promise<void> {
		await this.#end("SIGKILL");
	}

	/** Stops it and removes its folder. */
	async stop(): Promise<void> {
		await this.#end("SIGTERM");
		if (process.env.DIEMCAU_E2E_LOG) {
			writeFileSync(process.env.DIEMCAU_E2E_LOG, this.#log, { flag: "a" });
		}
		rmSync(this.#folder, { recursive: true, force: true });
	}

	/** What it wrote last, for a failing test. */
	get log(): string {
		return this.#log;
	}

	async #end(signal: NodeJS.Signals): Promise<void> {
		const running = this.#process;
		this.#process = null;
		if (!running || running.exitCode !== null) return;
		const gone = new Promise((done) => running.once("exit", done));
		running.kill(signal);
		const slow = setTimeout(() => running.kill("SIGKILL"), 10_000);
		await gone;
		clearTimeout(slow);
	}
}

function binary(): string {
	const path = process.env.DIEMCAU_BIN;
	if (!path) {
		throw new Error(
			"DIEMCAU_BIN names the server's binary, for example target/debug/diemcau",
		);
	}
	return resolve(path);
}

/** The path of a program that is built beside the server. */
export const besideServer = (program: string): string =>
	join(dirname(binary()), program);

/** The first of `count` ports in a row that nobody uses, over TCP. */
export async function freePorts(count: number): Promise<number> {
	for (;;) {
		const first = 20_000 + Math.floor(Math.random() * 20_000);
		const free = await Promise.all(
			Array.from({ length: count }, (_, index) => isFree(first + index)),
		);
		if (free.every(Boolean)) return first;
	}
}

function isFree(port: number): Promise<boolean> {
	return new Promise((done) => {
		const server = createServer();
		server.once("error", () => done(false));
		server.listen(port, "0.0.0.0", () => server.close(() => done(true)));
	});
}

/** The status of a GET; the certificate is the server's own. */
async function get(url: string): Promise<number> {
	const { request } = await import("node:https");
	return new Promise((done, fail) => {
		request(url, { rejectUnauthorized: false, timeout: 2_000 }, (response) => {
			response.resume();
			done(response.statusCode ?? 0);
		})
			.on("error", fail)
			.end();
	});
}
