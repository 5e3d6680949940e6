import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually, never } from "../eventually";
import { People } from "../participants";
import { Server } from "../server";

let server: Server;
let people: People;

beforeAll(async () => {
	server = await Server.start({
		env: {
			// Two for guests: one is kept for the invited point, one for a chair and one for a secretary.
			DIEMCAU_SIGNALING__SESSIONS__MAX_INTERACTIVE: "5",
			// The running meeting takes the whole day; the next one may be entered from now on.
			DIEMCAU_SIGNALING__SESSIONS__EARLY_MINUTES: "1440",
		},
	});
	people = new People(server);
});

afterAll(async () => {
	await people?.end();
	await server?.stop();
});

/** Presses "Vào họp" where the same person is in the room already, is told so, and moves here. */
async function moveHere(page: Page): Promise<void> {
	await page.getByTestId("join").click();
	await page.getByTestId("take-over").click();
	await page
		.locator('[data-testid=room][data-media="up"]')
		.waitFor({ timeout: 60_000 });
}

it("a second device of the same point is asked before it takes over, comes in with camera and microphone off, and the first is told", async () => {
	const chair = await (await people.chair()).join();
	const first = await (await people.point(1)).join();
	const seat = await chair.seat(first).getAttribute("data-seat");
	const second = await people.again(first);
	await second.openLobby({ profile: "desk" });
	await second.page.getByTestId("join").click();
	await second.page.getByTestId("take-over").waitFor();
	await never("the first device is evicted without a word", async () =>
		first.page.getByTestId("over").isVisible(),
	);
	await chair.seesSeat(first);

	await second.page.getByTestId("take-over").click();
	await first.page
		.locator("[data-testid=over][data-reason=taken_over]")
		.waitFor();
	await second.connected();
	const id = await second.page.getByTestId("room").getAttribute("data-you");
	expect(id).toBe(first.id);
	expect(await chair.seat(first).getAttribute("data-seat")).toBe(seat);
	for (const key of ["microphone", "camera"]) {
		expect(await second.key(key).getAttribute("aria-pressed"), key).toBe(
			"false",
		);
	}
	await second.key("camera").click();
	await chair.seesSeat(first);

	await first.page.getByTestId("come-back").click();
	await moveHere(first.page);
	await second.page
		.locator("[data-testid=over][data-reason=taken_over]")
		.waitFor();
	await first.key("camera").click();
	await chair.seesSeat(first);
});

it("a full room says so, with the number, and lets the next one in when somebody leaves", async () => {
	await people.close();
	await people.meetInNewSession("Phiên hai chỗ cho khách", 12);
	const first = await people.guest("presenter", "Lô Thị Hằng");
	await first.join();
	await (await people.guest("presenter", "Vi Văn Anh")).join();
	const third = await people.guest("presenter", "Đặng Kim Oanh");
	await third.openLobby({ profile: "desk" });
	await third.page.getByTestId("join").click();
	const over = third.page.locator("[data-testid=over][data-reason=refused]");
	await over.waitFor();
	// Of the five, chair, secretary and the invited point have theirs.
	expect(await over.innerText()).toContain("có 2 chỗ");

	await first.leave();
	await third.page.getByTestId("come-back").click();
	await third.page.getByTestId("join").click();
	await third.page.getByTestId("room").waitFor();
});

it("somebody who was not invited is told so before the door", async () => {
	const stranger = await people.guest("presenter", "Khách");
	await stranger.page.goto(`${server.url}/s/KHONG-CO/room`);
	await eventually("the page says that there is no such session", async () =>
		(await stranger.page.locator("body").innerText()).includes("Không có"),
	);
});

it("a viewer needs neither camera nor microphone, and sees and hears", async () => {
	await people.close();
	await people.meetInNewSession("Phiên có người theo dõi", 14);
	const speaker = await (await people.guest("presenter", "Lô Thị Hằng")).join({
		microphone: true,
	});
	const viewer = await people.guest("viewer", "Vi Văn Anh");
	await viewer.page.goto(`${server.url}/s/${people.session}`);
	await viewer.page.locator('a[href$="/room"]').first().click();
	await viewer.page.getByTestId("lobby").waitFor();
	expect(await viewer.page.getByTestId("lobby-camera").count()).toBe(0);
	await viewer.page.getByTestId("join").click();
	await viewer.page.getByTestId("room").waitFor();
	await viewer.connected();
	await viewer.seesSeat(speaker);
	await viewer.hears();
	expect(await viewer.key("microphone").innerText()).toContain("Khi được mời");

	// The browser's own way back asks like the key.
	await viewer.page.evaluate(() => history.back());
	await viewer.page.getByTestId("leave-confirm").click();
	await viewer.page.locator("[data-testid=over][data-reason=left]").waitFor();
});
