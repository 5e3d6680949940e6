import {
	type Browser,
	type BrowserContext,
	chromium,
	type Locator,
	type Page,
} from "playwright-core";
import { eventually, missing } from "./eventually";
import {
	cheat,
	instruments,
	type LineStats,
	readLines,
	readPicture,
} from "./inPage";
import type { DemoAccount, Server } from "./server";
import type { SoundCards } from "./soundCards";

/** Painted cameras and beeping microphones. */
const FAKE_DEVICES = "--use-fake-device-for-media-stream=fps=10";

/** Chromium that asks nobody. */
const FLAGS = [
	"--use-fake-ui-for-media-stream",
	"--autoplay-policy=no-user-gesture-required",
	"--disable-gpu",
	// A background window would be slowed down: every person here is in front.
	"--disable-background-timer-throttling",
	"--disable-backgrounding-occluded-windows",
	"--disable-renderer-backgrounding",
	// Chromium's sandbox does not run as root; nobody else needs this.
	...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
];

/** How long a picture or a voice may take: on two busy cores, estimates of a link's bandwidth recover slowly. */
const SEEN_WITHIN_MS = 60_000;

/** How a person comes in. */
export interface JoinOptions {
	profile?: "desk" | "room" | "phone";
	camera?: boolean;
	microphone?: boolean;
}

/** What a person sits at. */
export interface Computer {
	/** Makes the page cheat about its microphone. */
	cheating?: boolean;
	executable?: string;
	flags?: string[];
	/** Real sound cards; there is no camera beside them. */
	sound?: SoundCards;
}

/** Real people in real browsers, in one session of one server. */
export class People {
	readonly server: Server;
	/** The code of the session that they meet in: the one that is on, unless another was created. */
	session: string;
	readonly #browsers: Browser[] = [];
	readonly #contexts: BrowserContext[] = [];
	#shared: Browser | null = null;
	#chair: DemoAccount | null = null;

	constructor(server: Server) {
		this.server = server;
		this.session = server.isEmpty ? "" : server.session;
	}

	/** Creates a session of the chair that begins in `inHours`, and meets there from then on. */
	async meetInNewSession(title: string, inHours: number): Promise<void> {
		const chair = await this.#chairContext();
		const running = await api(
			chair,
			this.server,
			"GET",
			`sessions/${this.session}`,
		);
		const starts = (Date.now() + inHours * 3_600_000) * 1_000;
		const created = await api(chair, this.server, "POST", "sessions", {
			title,
			kind: "meeting",
			starts_at_us: starts,
			ends_at_us: starts + 3_600_000_000,
			bridge_points: running.invited.slice(0, 1).map(({ code }) => code),
			secrecy: "normal",
		});
		this.session = created.code;
	}

	/** The chair of the meeting, signed in. */
	async chair(): Promise<Person> {
		const person = await this.#person("chair");
		await this.#signInAsChair(person.context);
		return person;
	}

	/** The room device of a bridge point, let in by a joining link. `number` counts the invited points from 0. */
	async point(number: number, how: Computer = {}): Promise<Person> {
		const link = await this.pointLink(number);
		const person = await this.#person(`point ${number}`, how);
		await exchange(person.context, this.server, link);
		return person;
	}

	/** An invited point. `number` counts them from 0. */
	async invited(number: number): Promise<{ code: string; name: string }> {
		const session = await api(
			await this.#chairContext(),
			this.server,
			"GET",
			`sessions/${this.session}`,
		);
		const point = session.invited[number];
		if (!point)
			throw new Error(`the meeting invites no point number ${number}`);
		return point;
	}

	/** The secret of a fresh joining link for an invited point. */
	async pointLink(number: number): Promise<string> {
		const link = await this.link({
			role: "point",
			bridge_point: (await this.invited(number)).code,
		});
		return link.secret;
	}

	/** A fresh joining link, made by the chair's office. */
	async link(
		wanted: Record<string, string>,
	): Promise<{ id: string; secret: string }> {
		const link = await api(
			await this.#chairContext(),
			this.server,
			"POST",
			`sessions/${this.session}/links`,
			wanted,
		);
		return { id: link.id, secret: secretOf(link.url) };
	}

	/** The chair's office takes a link back. */
	async revoke(link: { id: string }): Promise<void> {
		await api(
			await this.#chairContext(),
			this.server,
			"DELETE",
			`links/${link.id}`,
		);
	}

	/** Somebody with a browser and nothing else: neither account nor link. */
	stranger(name: string, how: Computer = {}): Promise<Person> {
		return this.#person(name, how);
	}

	/** Somebody who comes by a link that names nobody's point: a presenter or a viewer. */
	async guest(role: "presenter" | "viewer", name: string): Promise<Person> {
		const { secret } = await this.link({ role, name });
		const person = await this.#person(name);
		await exchange(person.context, this.server, secret);
		return person;
	}

	/** Somebody besides the chair whom a link gives a right to the chair: only a person with an account can be that. */
	async standIn(): Promise<Person> {
		await this.#chairContext();
		const account = this.server.demo.accounts.find(
			({ login }) => login !== this.#chair?.login,
		);
		if (!account) throw new Error("the demonstration has one account only");
		const { secret } = await this.link({ role: "chair", login: account.login });
		const person = await this.#person("stand-in");
		await exchange(person.context, this.server, secret);
		return person;
	}

	/** The same person on a second device. */
	async again(person: Person): Promise<Person> {
		const second = await this.#person(`${person.name}, second device`);
		await second.context.addCookies(await person.context.cookies());
		return second;
	}

	/** Everybody goes home. */
	async close(): Promise<void> {
		for (const context of this.#contexts.splice(0)) {
			await context.close().catch(() => undefined);
		}
	}

	/** The browsers are closed too. */
	async end(): Promise<void> {
		await this.close();
		for (const browser of this.#browsers) await browser.close();
	}

	async #person(
		name: string,
		{ cheating, executable, flags, sound }: Computer = {},
	): Promise<Person> {
		const browser =
			executable || flags || sound
				? await this.#launch(executable ?? chromiumPath(), flags, sound)
				: await this.#everybodysBrowser();
		const context = await browser.newContext({
			ignoreHTTPSErrors: true,
			viewport: { width: 1366, height: 768 },
			locale: "vi-VN",
			permissions: ["camera", "microphone"],
		});
		this.#contexts.push(context);
		await context.addInitScript(instruments);
		if (cheating) await context.addInitScript(cheat);
		const page = await context.newPage();
		return new Person(name, this.server, this.session, context, page);
	}

	async #everybodysBrowser(): Promise<Browser> {
		this.#shared ??= await this.#launch(chromiumPath());
		return this.#shared;
	}

	async #launch(
		executablePath: string,
		flags: string[] = [],
		sound?: SoundCards,
	): Promise<Browser> {
		const browser = await chromium.launch({
			executablePath,
			args: [
				...FLAGS,
				...(sound ? [] : [FAKE_DEVICES, "--mute-audio"]),
				...flags,
			],
			// Playwright silences browsers; these play into sound cards that nobody hears.
			...(sound && { env: sound.env, ignoreDefaultArgs: ["--mute-audio"] }),
		});
		this.#browsers.push(browser);
		return browser;
	}

	#office: BrowserContext | null = null;

	/** A browser of the chair's office that stays out of the room: it makes links. */
	async #chairContext(): Promise<BrowserContext> {
		if (this.#office && this.#contexts.includes(this.#office))
			return this.#office;
		const browser = await this.#everybodysBrowser();
		this.#office = await browser.newContext({ ignoreHTTPSErrors: true });
		this.#contexts.push(this.#office);
		await this.#signInAsChair(this.#office);
		return this.#office;
	}

	async #signInAsChair(context: BrowserContext): Promise<void> {
		const { accounts, session_code } = this.server.demo;
		// The demonstration does not say which account presides; the session does.
		const candidates = this.#chair ? [this.#chair] : accounts;
		for (const account of candidates) {
			await api(context, this.server, "POST", "sign-in", {
				login: account.login,
				password: account.password,
			});
			const session = await api(
				context,
				this.server,
				"GET",
				`sessions/${session_code}`,
			).catch(() => null);
			if (session?.my_role === "chair") {
				this.#chair = account;
				return;
			}
			await api(context, this.server, "POST", "sign-out");
		}
		throw new Error("no demonstration account is the chair of the meeting");
	}
}

/** One person in front of one browser. */
export class Person {
	/** One's own participant id, once in the room. */
	id = "";

	constructor(
		readonly name: string,
		readonly server: Server,
		readonly session: string,
		readonly context: BrowserContext,
		readonly page: Page,
	) {}

	/** Opens the device check. */
	async openLobby({ profile }: JoinOptions = {}): Promise<void> {
		const query = profile ? `?profile=${profile}` : "";
		const url = `${this.server.url}/s/${this.session}/room${query}`;
		// Chromium drops what it loads while a test lays or removes a cable beside it; a person would press reload.
		await eventually(
			`${this.name} opens ${url}`,
			async () => {
				await this.page.goto(url);
				await this.page.getByTestId("join").waitFor({ timeout: 10_000 });
				return true;
			},
			{ withinMs: 40_000 },
		);
	}

	/** Goes through the device check into the room, and waits until media flow. */
	async join(options: JoinOptions = {}): Promise<this> {
		await this.openLobby({ profile: "desk", ...options });
		await this.#choose("lobby-camera", options.camera ?? true);
		await this.#choose("lobby-microphone", options.microphone ?? false);
		if (options.camera ?? true) {
			await this.page.locator("[data-testid=lobby] video").waitFor();
		}
		await this.enter();
		return this;
	}

	/** Goes in as the device check stands, and waits until media flow. */
	async enter(): Promise<void> {
		await this.page.getByTestId("join").click();
		await this.page.getByTestId("room").waitFor({ timeout: 30_000 });
		await this.connected();
		this.id =
			(await this.page.getByTestId("room").getAttribute("data-you")) ?? "";
	}

	/** Media flow, as the page sees it. */
	async connected(withinMs = SEEN_WITHIN_MS): Promise<void> {
		await this.page
			.locator('[data-testid=room][data-media="up"]')
			.waitFor({ timeout: withinMs });
	}

	/** Waits until this page has noticed that the server or the network is gone. */
	async isCutOff(): Promise<void> {
		await this.page.getByTestId("reconnecting").waitFor({ timeout: 30_000 });
	}

	/** Waits until this page is back after a break, with its media. */
	async isBack(withinMs = 40_000): Promise<void> {
		await this.page
			.getByTestId("reconnecting")
			.waitFor({ state: "hidden", timeout: withinMs });
		await this.connected(withinMs);
	}

	/** The tile of somebody on this person's wall. */
	seat(of: Person | string): Locator {
		const id = typeof of === "string" ? of : of.id;
		return this.page.locator(`[data-testid=seat][data-participant="${id}"]`);
	}

	get stage(): Locator {
		return this.page.getByTestId("stage");
	}

	key(name: string): Locator {
		return this.page.getByTestId(`key-${name}`);
	}

	/** Opens somebody's commands and presses one. */
	async command(of: Person, command: string): Promise<void> {
		await this.seat(of).click();
		await this.page.getByTestId(`command-${command}`).click();
	}

	/** Leaves the room, and says so when asked. */
	async leave(): Promise<void> {
		await this.key("leave").click();
		await this.page.getByTestId("leave-confirm").click();
		await this.page.locator("[data-testid=over][data-reason=left]").waitFor();
	}

	/** Ends the session from outside the room: the key in the room has tests of its own. */
	async endSession(): Promise<void> {
		await api(
			this.context,
			this.server,
			"POST",
			`sessions/${this.session}/end`,
		);
	}

	/** Opens a part of the drawer. */
	async openPanel(
		panel: "commands" | "devices" | "keys" | "technician",
	): Promise<void> {
		await this.key("more").click();
		await this.page.getByTestId(`tab-${panel}`).click();
	}

	/** Closes the drawer. */
	async closePanel(): Promise<void> {
		await this.page.keyboard.press("Escape");
		await this.page.getByTestId("more").waitFor({ state: "hidden" });
	}

	/** Chooses how the own camera is encoded. */
	async encode(codec: string): Promise<void> {
		await this.openPanel("technician");
		await this.page.getByTestId(`picture-codec-${codec}`).check();
		await this.closePanel();
	}

	/** Chooses what to receive. */
	async receive(
		mode: "everything" | "low" | "screen_only" | "audio_only",
	): Promise<void> {
		await this.openPanel("commands");
		await this.page.getByTestId(`receive-${mode}`).check();
		await this.closePanel();
	}

	/** Everything that is received and sent at this moment. */
	lines(): Promise<Awaited<ReturnType<typeof readLines>>> {
		return this.page.evaluate(readLines);
	}

	/** The line of a `<video>` on the screen. */
	async lineOf(video: Locator): Promise<LineStats | null> {
		const mid = await video
			.first()
			.getAttribute("data-slot", { timeout: 1_000 })
			.catch(() => null);
		const { received } = await this.lines();
		return received.find((line) => line.mid === mid) ?? null;
	}

	/** Waits until frames of a `<video>` are decoded, more than so far, and its picture is not black. */
	async sees(
		video: Locator,
		what: string,
		withinMs = SEEN_WITHIN_MS,
	): Promise<void> {
		let before = Number.POSITIVE_INFINITY;
		await eventually(
			`${this.name} sees ${what}`,
			async () => {
				const line = await this.lineOf(video);
				if (!line) return missing(`no line (${await this.shown(video)})`);
				// A new peer connection counts from 0 again.
				before = Math.min(before, line.frames);
				if (line.frames <= before + 2) {
					return missing(`${line.frames} frames (${await this.shown(video)})`);
				}
				const light = await video.first().evaluate(readPicture);
				return (light !== null && light > 8) || missing(`light ${light}`);
			},
			{ withinMs },
		);
	}

	/** What stands on the tile of a `<video>`, for whoever reads why a test failed. */
	private async shown(video: Locator): Promise<string> {
		const tile = video.first().locator("xpath=..");
		const text = await tile.innerText({ timeout: 1_000 }).catch(() => "gone");
		return text.replaceAll("\n", " | ");
	}

	/** Waits until the picture of somebody's tile moves. */
	async seesSeat(of: Person, withinMs = SEEN_WITHIN_MS): Promise<void> {
		await this.sees(this.seat(of).locator("video"), of.name, withinMs);
	}

	/** Waits until an encoder that publishes for a bridge point is in its seat, and is seen and heard. */
	async meetsEncoder(
		point: string,
		encoder: { mustRun(): void },
	): Promise<void> {
		const seat = this.page
			.locator("[data-testid=seat][data-participant]")
			.filter({ hasText: point });
		// At its first use an encoder makes its film, which takes a busy machine long.
		await eventually(
			`the encoder takes the seat of ${point}`,
			() => {
				encoder.mustRun();
				return seat.locator("video").isVisible();
			},
			{ withinMs: 180_000 },
		);
		await this.sees(seat.locator("video"), `the encoder of ${point}`);
		await this.hears();
	}

	/** Waits until the microphone takes up sound and sends it. */
	async speaks(withinMs = SEEN_WITHIN_MS): Promise<void> {
		const voice = async () =>
			(await this.lines()).sent.find((line) => line.kind === "audio");
		const before = await voice();
		await eventually(
			`${this.name} speaks`,
			async () => {
				const now = await voice();
				return (
					now !== undefined &&
					now.energy > (before?.energy ?? 0) &&
					now.packets > (before?.packets ?? 0)
				);
			},
			{ withinMs },
		);
	}

	/** The energy of all voices heard so far. */
	async heard(): Promise<number> {
		const { received } = await this.lines();
		return received
			.filter((line) => line.kind === "audio")
			.reduce((sum, line) => sum + line.energy, 0);
	}

	/** Waits until something is heard, more than so far. */
	async hears(withinMs = SEEN_WITHIN_MS): Promise<void> {
		let before = await this.heard();
		await eventually(
			`${this.name} hears something`,
			async () => {
				const heard = await this.heard();
				before = Math.min(before, heard);
				return heard > before + 0.0005;
			},
			{ withinMs },
		);
	}

	/** Bits per second of all pictures that are received, measured over a while. */
	async videoBitrate(overMs = 3_000): Promise<number> {
		const bytes = async () => {
			const { received } = await this.lines();
			return received
				.filter((line) => line.kind === "video")
				.reduce((sum, line) => sum + line.bytes, 0);
		};
		const [from, began] = [await bytes(), Date.now()];
		await new Promise((done) => setTimeout(done, overMs));
		return (((await bytes()) - from) * 8_000) / (Date.now() - began);
	}

	/** What a person is told at this moment, by the key of the sentence. */
	told(notice: string): Locator {
		return this.page.locator(`[data-testid=toast][data-notice=${notice}]`);
	}

	/** The rows of one kind of device, where they are listed. */
	deviceRow(name: string): Locator {
		return this.page.getByLabel(name, { exact: true });
	}

	/** Takes a right away from the page, or gives it, as the person would in the browser's own settings. */
	async setRight(
		name: "camera" | "microphone",
		setting: "granted" | "denied",
	): Promise<void> {
		const page = await this.context.newCDPSession(this.page);
		const { targetInfo } = await page.send("Target.getTargetInfo");
		const browser = await this.context.browser()?.newBrowserCDPSession();
		await browser?.send("Browser.setPermission", {
			permission: { name },
			setting,
			origin: this.server.url,
			browserContextId: targetInfo.browserContextId,
		});
	}

	/** Closes the browser's window without a word. */
	async vanish(): Promise<void> {
		await this.context.close();
	}

	async #choose(switchId: string, on: boolean): Promise<void> {
		const button = this.page.getByTestId(switchId);
		if ((await button.getAttribute("aria-pressed")) !== String(on)) {
			await button.click();
		}
	}
}

/** The path of Chromium. */
export const chromiumPath = (): string =>
	process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";

async function exchange(
	context: BrowserContext,
	server: Server,
	secret: string,
): Promise<void> {
	await api(context, server, "POST", "links/exchange", { secret });
}

/** What the tests read of any answer. */
interface Answer {
	code: string;
	id: string;
	my_role: string | null;
	invited: { code: string; name: string }[];
	url: string;
}

/** Asks the REST interface with a context's own cookie. */
async function api(
	context: BrowserContext,
	server: Server,
	method: "GET" | "POST" | "DELETE",
	path: string,
	body?: unknown,
): Promise<Answer> {
	const response = await context.request.fetch(`${server.url}/api/v1/${path}`, {
		method,
		data: body,
		headers: { origin: server.url },
	});
	if (!response.ok()) {
		throw new Error(
			`${method} ${path}: ${response.status()} ${await response.text()}`,
		);
	}
	const text = await response.text();
	return JSON.parse(text || "null");
}

const secretOf = (url: string): string => {
	const secret = new URL(url, "https://localhost").pathname.split("/").at(-1);
	if (!secret) throw new Error(`no secret in ${url}`);
	return secret;
};
