import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually } from "../eventually";
import { People, type Person } from "../participants";
import { Server } from "../server";

// Tired hands press twice, close the wrong tab and look at another list: nothing of that may cost anybody anything.

let server: Server;
let people: People;
let chair: Person;
let vinh: Person;
let queKy: Person;

beforeAll(async () => {
	server = await Server.start();
	people = new People(server);
	chair = await (await people.chair()).join();
	vinh = await (await people.point(1)).join({ camera: false });
	queKy = await (await people.point(2)).join({ camera: false });
});

afterAll(async () => {
	await people?.end();
	await server?.stop();
});

/** Closes the page as the cross of its tab does. Resolves with whether the browser asks first; then one stays. */
async function asksBeforeClosing({ page }: Person): Promise<boolean> {
	const asked = new Promise<boolean>((done) => {
		page.once("dialog", (dialog) => {
			void dialog.dismiss().then(() => done(dialog.type() === "beforeunload"));
		});
		page.once("close", () => done(false));
	});
	await page.close({ runBeforeUnload: true });
	return asked;
}

const holder = (viewer: Person) =>
	viewer.page.getByTestId("floor-holder").getAttribute("data-participant");

it("the browser asks the chair before its tab closes, and a point that only listens may go", async () => {
	expect(await asksBeforeClosing(chair)).toBe(true);
	await chair.page.getByTestId("room").waitFor();
	const listener = await (await people.point(3)).join({ camera: false });
	expect(await asksBeforeClosing(listener)).toBe(false);
});

/** Raises somebody's hand; a press right after it went down counts for what stood there before. */
const raisesHand = (person: Person) =>
	eventually(`the hand of ${person.name} is up`, async () => {
		const key = person.key("hand");
		if ((await key.getAttribute("aria-pressed")) === "true") return true;
		await key.click();
		return false;
	});

it("who gives up a place before others is asked, and keeps it", async () => {
	await raisesHand(vinh);
	await vinh.key("hand").getByText("Thứ 1").waitFor();
	await raisesHand(queKy);
	await queKy.key("hand").getByText("Thứ 2").waitFor();
	await vinh.page
		.getByTestId("hands")
		.locator(`[data-participant="${queKy.id}"]`)
		.waitFor();
	const keep = vinh.page.getByRole("button", { name: "Giữ lại" });
	await eventually("the place is asked about", async () => {
		if (await keep.isVisible()) return true;
		await vinh.key("hand").click();
		return false;
	});
	await keep.click();
	await vinh.key("hand").getByText("Thứ 1").waitFor();
});

it("a hand is taken off the list only after a question, and its owner is told", async () => {
	const row = chair.page
		.getByTestId("hands")
		.locator(`[data-participant="${vinh.id}"]`);
	const cross = row.getByRole("button", { name: /khỏi danh sách/ });
	await cross.dblclick();
	await chair.page.getByRole("button", { name: "Giữ lại" }).click();
	await row.waitFor();
	await cross.click();
	await chair.page.getByTestId("lower-confirm").click();
	await row.waitFor({ state: "hidden" });
	await vinh.told("hand_taken").waitFor();
});

it("a double click on the key that calls cuts nobody and drops nobody", async () => {
	await raisesHand(vinh);
	await chair.page.getByTestId("grant").nth(1).waitFor();
	await chair.page.getByTestId("grant").first().click();
	await eventually(
		"the first of the queue speaks",
		async () => (await holder(chair)) === queKy.id,
	);
	// As slow as a tired hand's: what the first press puts under the pointer is there when the second comes.
	const box = await chair.key("grant").boundingBox();
	if (!box) throw new Error("the key is on the screen");
	const at = [box.x + box.width / 4, box.y + box.height / 2] as const;
	await chair.page.mouse.move(...at);
	await chair.page.mouse.down({ clickCount: 1 });
	await chair.page.mouse.up({ clickCount: 1 });
	await chair.key("grant-now").waitFor();
	await chair.page.mouse.down({ clickCount: 2 });
	await chair.page.mouse.up({ clickCount: 2 });
	await vinh.told("next_mine").waitFor();
	expect(await holder(chair)).toBe(queKy.id);
	await chair.page.getByTestId("floor-next").waitFor();
});

it("a line that is half written is there when one comes back to the chat", async () => {
	const { page } = queKy;
	await page.getByTestId("chat-input").fill("Kính thưa đồng chí chủ trì, ");
	await page.getByTestId("tab-roster").click();
	await page.getByTestId("roster").waitFor();
	await page.setViewportSize({ width: 390, height: 844 });
	await page.getByTestId("key-chat").click();
	expect(await page.getByTestId("chat-input").inputValue()).toBe(
		"Kính thưa đồng chí chủ trì, ",
	);
});

it("who still looks at the camera when the session ends is told, and the camera goes out", async () => {
	const late = await people.point(4);
	await late.openLobby({ profile: "desk" });
	const video = late.page.locator("[data-testid=lobby] video");
	await video.waitFor();
	const track = await video.evaluateHandle(
		(element) =>
			((element as HTMLVideoElement).srcObject as MediaStream).getTracks()[0],
	);
	await chair.endSession();
	await late.page.getByTestId("closed").waitFor({ timeout: 30_000 });
	await eventually(
		"the camera is let go",
		async () =>
			(await track.evaluate((it) => it?.readyState ?? "gone")) === "ended",
	);
});
