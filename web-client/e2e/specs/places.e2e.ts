import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually } from "../eventually";
import { People } from "../participants";
import { Server } from "../server";

let server: Server;
let people: People;

beforeAll(async () => {
	server = await Server.start({
		env: {
			DIEMCAU_SIGNALING__SESSIONS__MAX_INTERACTIVE: "2",
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

it("a second device of the same point takes over, and the first is told", async () => {
	const chair = await (await people.chair()).join();
	const first = await (await people.point(1)).join();
	const seat = await chair.seat(first).getAttribute("data-seat");
	const second = await (await people.again(first)).join();
	await first.page
		.locator("[data-testid=over][data-reason=taken_over]")
		.waitFor();
	expect(second.id).toBe(first.id);
	expect(await chair.seat(second).getAttribute("data-seat")).toBe(seat);
	await chair.seesSeat(second);

	await first.page.getByTestId("come-back").click();
	await first.page.getByTestId("join").click();
	await second.page
		.locator("[data-testid=over][data-reason=taken_over]")
		.waitFor();
	await chair.seesSeat(first);
});

it("a full room says so, with the number, and lets the next one in when somebody leaves", async () => {
	await people.close();
	await people.meetInNewSession("Phiên hai chỗ", 12);
	const first = await people.guest("presenter", "Lô Thị Hằng");
	await first.join();
	await (await people.guest("presenter", "Vi Văn Anh")).join();
	const third = await people.guest("presenter", "Đặng Kim Oanh");
	await third.openLobby({ profile: "desk" });
	await third.page.getByTestId("join").click();
	const over = third.page.locator("[data-testid=over][data-reason=refused]");
	await over.waitFor();
	expect(await over.innerText()).toContain("2 chỗ");

	await first.key("leave").click();
	await first.page.locator("[data-testid=over][data-reason=left]").waitFor();
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
	await viewer.openLobby({ profile: "desk" });
	expect(await viewer.page.getByTestId("lobby-camera").count()).toBe(0);
	await viewer.page.getByTestId("join").click();
	await viewer.page.getByTestId("room").waitFor();
	await viewer.connected();
	await viewer.seesSeat(speaker);
	await viewer.hears();
	expect(await viewer.key("microphone").innerText()).toContain("Khi được mời");
});
