import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { People, type Person } from "../participants";
import { Server } from "../server";

// A session's page goes into a file on paper: who, when, how long, and nothing that one presses.

let server: Server;
let people: People;
let chair: Person;

beforeAll(async () => {
	server = await Server.start();
	people = new People(server);
	chair = await people.chair();
	await chair.join({ camera: false });
	await chair.openPanel("commands");
	await chair.leave();
});

afterAll(async () => {
	await people?.end();
	await server?.stop();
});

/** Opens the session's page as a printer gets it. */
async function onPaper(): Promise<Page> {
	const { page } = chair;
	await page.goto(`${server.url}/s/${server.session}`);
	await page.getByRole("heading", { level: 1 }).waitFor();
	await page.waitForLoadState("networkidle");
	await page.emulateMedia({ media: "print" });
	return page;
}

/** Texts that a printer would lose: light figures, for it prints no grounds. */
const faint = (page: Page): Promise<string[]> =>
	page.evaluate(() =>
		[...document.querySelectorAll("main *")].flatMap((part) => {
			const own = [...part.childNodes].some(
				(node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim(),
			);
			if (!own || part.getClientRects().length === 0) return [];
			const [r = 0, g = 0, b = 0] = (
				getComputedStyle(part).color.match(/[\d.]+/g) ?? []
			).map(Number);
			return 0.2 * r + 0.7 * g + 0.1 * b > 150
				? [part.textContent?.trim() ?? ""]
				: [];
		}),
	);

it("before the session the points stand there with their numbers, in ink", async () => {
	const page = await onPaper();
	expect(await faint(page)).toEqual([]);
	expect(await page.getByRole("button").count()).toBe(0);
});

it("after it, who was there, when and how long, on A4, without a key or a menu", async () => {
	await chair.endSession();
	const page = await onPaper();
	await page.getByRole("table").waitFor();
	expect(await faint(page)).toEqual([]);
	expect(await page.getByRole("button").count()).toBe(0);
	expect(await page.getByRole("navigation").count()).toBe(0);
	const table = await page.getByRole("table").innerText();
	expect(table).toContain("Chủ trì");
	expect(table).toMatch(/\d\d:\d\d–\d\d:\d\d/);
	// Nothing stands beyond the right edge of a sheet: 210 mm less its margins.
	await page.setViewportSize({ width: 680, height: 960 });
	expect(
		await page.evaluate(() => document.documentElement.scrollWidth),
	).toBeLessThanOrEqual(680);
	expect((await page.pdf({ format: "A4" })).length).toBeGreaterThan(1_000);
});
