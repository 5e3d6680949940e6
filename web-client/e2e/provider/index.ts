import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import type { Page } from "playwright-core";
import { freePorts } from "../server";

/** An OpenID Connect provider in a process of its own, on loopback. */
export class ProviderProcess {
	readonly secret = "a secret: 1+1 = 2%";
	readonly #port: number;
	#process: ChildProcess | null = null;
	#keys = 0;

	private constructor(port: number) {
		this.#port = port;
	}

	/** Not started yet: where it will be. */
	static async somewhere(): Promise<ProviderProcess> {
		return new ProviderProcess(await freePorts(1));
	}

	get issuer(): string {
		return `http://127.0.0.1:${this.#port}`;
	}

	/** Starts it with keys of its own, for a server whose pages are at `url`. */
	async start(url: string): Promise<void> {
		this.#keys += 1;
		const settings = {
			port: this.#port,
			redirect: `${url}/sign-in/provider`,
			secret: this.secret,
			key: `k${this.#keys}`,
		};
		const script = resolve(import.meta.dirname, "serve.mjs");
		const started = spawn(process.execPath, [script, JSON.stringify(settings)]);
		this.#process = started;
		let said = "";
		await new Promise<void>((done, fail) => {
			started.stdout.on("data", (text) => {
				said += text;
				if (said.includes("ready")) done();
			});
			started.stderr.on("data", (text) => {
				said += text;
			});
			started.once("exit", () => fail(new Error(`the provider ends: ${said}`)));
		});
	}

	/** Ends it; started again, it has forgotten everybody and signs by other keys. */
	async stop(): Promise<void> {
		const running = this.#process;
		this.#process = null;
		if (!running || running.exitCode !== null) return;
		const gone = once(running, "exit");
		running.kill("SIGKILL");
		await gone;
	}

	/** On its pages: says who one is, and agrees. */
	async letIn(page: Page, name: string): Promise<void> {
		await page.waitForURL(`${this.issuer}/interaction/**`);
		await page.getByPlaceholder("Enter any login").fill(name);
		await page.getByPlaceholder("and password").fill("anything");
		await page.getByRole("button", { name: "Sign-in" }).click();
		await page.getByRole("button", { name: "Continue" }).click();
	}
}
