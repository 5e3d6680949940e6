import { existsSync } from "node:fs";
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../eventually";
import { instruments, readLines, readPath } from "../inPage";
import { Cable } from "../network";
import { People, type Person } from "../participants";
import { freePorts, Server } from "../server";

const firefox = process.env.FIREFOX_PATH ?? "/usr/bin/firefox-esr";

/** As patient as the others are with pictures and voices on two busy cores. */
const SEEN = { withinMs: 60_000 };

/** Firefox opens no TURN over TLS to a server without a name, and says nothing. */
const NAME = "diemcau.test";

// Firefox gathers no candidate on loopback, so it gets a network with a default route.
describe("Firefox", () => {
	let cable: Cable;
	let server: Server;
	let people: People;
	let chair: Person;
	let browser: Browser;

	beforeAll(async () => {
		if (!existsSync(firefox)) {
			throw new Error(
				`there is no Firefox at ${firefox}: install firefox-esr, or set FIREFOX_PATH`,
			);
		}
		cable = new Cable(72);
		server = await Server.start({
			ip: cable.hostIp,
			signaling: `host_names = ["${NAME}"]`,
		});
		people = new People(server);
		chair = await (await people.chair()).join({ microphone: true });
		const debuggingPort = await freePorts(1);
		cable.forward(debuggingPort);
		browser = await puppeteer.launch({
			browser: "firefox",
			debuggingPort,
			executablePath: cable.command(firefox),
			headless: true,
			userDataDir: cable.firefoxProfile(server.authority),
			extraPrefsFirefox: {
				"network.dns.forceResolve": cable.hostIp,
				"media.navigator.streams.fake": true,
				"media.navigator.permission.disabled": true,
				"media.autoplay.default": 0,
				"media.autoplay.blocking_policy": 0,
			},
		});
	});

	afterAll(async () => {
		await browser?.close();
		await people?.end();
		await server?.stop();
		cable?.remove();
	});

	it("joins by a link, sees and is seen, hears and is heard", async () => {
		const page = await joins(1);
		await meets(page);
		await page.close();
	});

	it("does so through the port of HTTPS where a firewall passes nothing else", async () => {
		cable.passOnly(server.port);
		const page = await joins(2);
		await meets(page);
		expect(await page.evaluate(readPath)).toBe("tls");
	});

	async function joins(number: number): Promise<Page> {
		const page = await browser.newPage();
		await page.setViewport({ width: 1366, height: 768 });
		await page.evaluateOnNewDocument(instruments);
		const url = `https://${NAME}:${server.port}`;
		await page.goto(`${url}/j/${await people.pointLink(number)}`);
		await eventually("the link is exchanged", () => page.url().includes("/s/"));
		await page.goto(`${url}/s/${server.session}/room?profile=desk`);
		await page.waitForSelector("[data-testid=lobby] video");
		await page.waitForSelector(
			"[data-testid=verdict]:not([data-verdict=checking])",
		);
		const microphone = await page.waitForSelector(
			"[data-testid=lobby-microphone]",
		);
		const on = await microphone?.evaluate((button) =>
			button.getAttribute("aria-pressed"),
		);
		if (on !== "true") await microphone?.click();
		await (await page.waitForSelector("[data-testid=join]"))?.click();
		await page.waitForSelector('[data-testid=room][data-media="up"]', {
			timeout: 30_000,
		});
		return page;
	}

	async function meets(page: Page): Promise<void> {
		const id = await page.$eval("[data-testid=room]", (room) =>
			room.getAttribute("data-you"),
		);

		const video = `[data-testid=seat][data-participant="${chair.id}"] video`;
		await eventually(
			"Firefox decodes the chair's picture",
			async () => {
				const { received } = await page.evaluate(readLines);
				return received.some(
					(line) => line.kind === "video" && line.frames > 5,
				);
			},
			SEEN,
		);
		await eventually(
			"the picture is not black",
			async () => {
				const handle = await page.$(video);
				const picture = await handle?.evaluate((element) => {
					const canvas = document.createElement("canvas");
					canvas.width = 64;
					canvas.height = 36;
					const pen = canvas.getContext("2d");
					pen?.drawImage(element as HTMLVideoElement, 0, 0, 64, 36);
					const pixels = pen?.getImageData(0, 0, 64, 36).data ?? [];
					return Math.max(...pixels.filter((_, index) => index % 4 !== 3));
				});
				return (picture ?? 0) > 40;
			},
			SEEN,
		);
		await eventually(
			"Firefox hears the chair",
			async () => {
				const { received } = await page.evaluate(readLines);
				return received.some(
					(line) => line.kind === "audio" && line.energy > 0.001,
				);
			},
			SEEN,
		);
		await chair.sees(
			chair.page.locator(`[data-testid=seat][data-participant="${id}"] video`),
			"Firefox",
		);
		await chair.hears();
	}
});
