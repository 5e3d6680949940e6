import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { People, type Person } from "../participants";
import { Server } from "../server";

// Words are whole on every key, whatever the screen and the language; names are whole as far as their place goes.

let server: Server;
let people: People;
let chair: Person;
let vinh: Person;

beforeAll(async () => {
	server = await Server.start();
	people = new People(server);
	chair = await (await people.chair()).join({ camera: false });
	vinh = await (await people.point(1)).join({ camera: false });
});

afterAll(async () => {
	await people?.end();
	await server?.stop();
});

/** The keys of the room whose word reaches beyond their edge. */
const cutKeys = (page: Page): Promise<string[]> =>
	page.evaluate(() => {
		const cut: string[] = [];
		for (const key of document.querySelectorAll("nav button")) {
			const word = key.querySelector("b");
			if (!word) continue;
			const range = document.createRange();
			range.selectNodeContents(word);
			const [text, box] = [
				range.getBoundingClientRect(),
				key.getBoundingClientRect(),
			];
			if (text.left < box.left || text.right > box.right)
				cut.push(word.textContent);
		}
		return cut;
	});

it.each([
	["vi", 390, 844],
	["en", 390, 844],
	["vi", 667, 375],
	["en", 667, 375],
	["vi", 844, 390],
	["en", 844, 390],
	["vi", 1366, 768],
	["en", 1366, 768],
] as const)(
	"no key cuts its word in %s at %i×%i, neither the chair's nor a point's",
	async (language, width, height) => {
		for (const { page } of [chair, vinh]) {
			await page.setViewportSize({ width, height });
			await page.getByTestId("key-more").click();
			await page
				.getByTestId("more")
				.getByText(language === "en" ? "English" : "Việt", { exact: true })
				.click();
			await page.keyboard.press("Escape");
			await page.getByTestId("more").waitFor({ state: "hidden" });
			expect(await cutKeys(page)).toEqual([]);
		}
	},
);

it("the list of a phone shows a name of two lines and its person whole", async () => {
	const { page } = vinh;
	await page.setViewportSize({ width: 390, height: 844 });
	await page.getByTestId("tab-seats").click();
	const seat = vinh.seat(chair);
	const cut = await seat.evaluate((tile) => {
		const [name] = tile.querySelectorAll("[data-plate] b");
		const person = tile.querySelector("[data-plate] small");
		if (!name || !person) return "there is a name, and a person below it";
		name.textContent = "Trường PTDTBT THCS Đoọc Mạy và điểm trường lẻ Huồi Tụ";
		const row = tile.getBoundingClientRect();
		return (
			name.getBoundingClientRect().top < row.top ||
			person.getBoundingClientRect().bottom > row.bottom
		);
	});
	expect(cut).toBe(false);
});

it("a question names a long name whole", async () => {
	const { secret } = await people.link({
		role: "presenter",
		name: "Nguyễn Thị Hoàng Phương Thảo, Phó Hiệu trưởng Trường THPT Lê Hồng Phong",
	});
	const guest = await people.stranger("long");
	await guest.page.goto(`${server.url}/j/${secret}`);
	await guest.page.getByTestId("join").waitFor();
	await guest.enter();
	const { page } = chair;
	await page.setViewportSize({ width: 390, height: 844 });
	await page.getByTestId("tab-seats").click();
	await chair.command(guest, "remove");
	const title = page.getByRole("dialog").getByRole("heading");
	await title.waitFor();
	expect(
		await title.evaluate((text) => {
			const range = document.createRange();
			range.selectNodeContents(text);
			const dialog = text.closest("[role=dialog]") ?? text;
			return (
				range.getBoundingClientRect().right <=
				dialog.getBoundingClientRect().right
			);
		}),
	).toBe(true);
});

it("the question whether to leave lies over the drawer that it is asked from, also on a tablet that was turned", async () => {
	const { page } = chair;
	await page.setViewportSize({ width: 1366, height: 768 });
	await chair.openPanel("commands");
	await chair.leave();
});

/** Gives every cell of a column the longest name of a school there is. */
const nameAll = (page: Page, cells: string) =>
	page.locator(cells).evaluateAll((found) => {
		for (const cell of found) {
			const name = cell.querySelector("button") ?? cell;
			name.textContent =
				"Trường PTDTBT THCS Kỳ Sơn và điểm trường lẻ Huồi Tụ số 2";
		}
		return found.length;
	});

it("the monitor shows every figure beside a long name, and the list of who was there keeps its times on one line", async () => {
	const { page } = chair;
	await page.goto(`${server.url}/monitor`);
	await page.getByRole("table").waitFor();
	expect(await nameAll(page, "tbody th")).toBeGreaterThan(0);
	const beyond = await page.getByRole("table").evaluate((table) => {
		const frame = table.parentElement ?? table;
		return frame.scrollWidth - frame.clientWidth;
	});
	expect(beyond).toBeLessThanOrEqual(0);

	await chair.endSession();
	await page.goto(`${server.url}/s/${server.session}`);
	await page.getByRole("table").waitFor();
	await nameAll(page, "tbody th");
	const lines = await page
		.locator("tbody td.fig")
		.filter({ hasText: "–" })
		.evaluateAll((times) =>
			times.map((time) => {
				const range = document.createRange();
				range.selectNodeContents(time);
				return new Set(
					[...range.getClientRects()].map(({ top }) => Math.round(top)),
				).size;
			}),
		);
	expect(new Set(lines)).toEqual(new Set([1]));
});
