import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually } from "../eventually";
import { People, type Person } from "../participants";
import { Server } from "../server";

let server: Server;
let people: People;
let chair: Person;
let vinh: Person;
let queKy: Person;

beforeAll(async () => {
	server = await Server.start();
	people = new People(server);
	chair = await (await people.chair()).join({ microphone: true });
	vinh = await (await people.point(1)).join();
	queKy = await (await people.point(2)).join();
	await vinh.seesSeat(chair);
});

afterAll(async () => {
	await people?.end();
	await server?.stop();
});

it("a pinned picture stays on one's own stage, also in speaker view and on the whole screen", async () => {
	// What all others see is somebody else.
	await chair.command(queKy, "broadcast");
	const stands = (who: Person) =>
		eventually(
			`${who.name} is on the stage`,
			async () =>
				(await vinh.stage.getAttribute("data-participant")) === who.id,
		);
	await stands(queKy);
	await vinh.command(chair, "pin");
	await stands(chair);
	await vinh.page.keyboard.press("v");
	await vinh.page.getByTestId("wall").waitFor({ state: "hidden" });
	await vinh.page.keyboard.press("f");
	await vinh.key("more").waitFor({ state: "hidden" });
	expect(
		await vinh.page.evaluate(() => document.fullscreenElement !== null),
	).toBe(true);
	await vinh.sees(vinh.stage.locator("video"), "the chair, large");
	await vinh.page.getByTestId("stage-full").click();
	await vinh.key("more").waitFor();
	await vinh.page.keyboard.press("v");
	await vinh.page.keyboard.press("v");
	await vinh.seesSeat(chair);
	await vinh.command(chair, "pin");
	await stands(queKy);
	await chair.command(queKy, "broadcast");
});

it("a second window shows the main picture, moving, under the page's own policy", async () => {
	const refused: string[] = [];
	vinh.page.on("console", (message) => {
		if (/Content.Security.Policy/i.test(message.text()))
			refused.push(message.text());
	});
	await vinh.openPanel("commands");
	const opening = vinh.context.waitForEvent("page");
	await vinh.key("second").click();
	const second = await opening;
	const picture = second.getByTestId("stage").locator("video");
	await picture.waitFor();
	await eventually("the picture of the second window moves", () =>
		picture.evaluate(
			(video: HTMLVideoElement) =>
				video.videoWidth > 0 &&
				video.getVideoPlaybackQuality().totalVideoFrames > 5,
		),
	);
	// Its plate has the page's looks: the number stands on a dark ground.
	const ground = await second
		.getByTestId("stage")
		.evaluate((stage) => getComputedStyle(stage).display);
	expect(ground).toBe("grid");
	expect(refused).toEqual([]);
	await second.close();
	await eventually(
		"the key says that it is closed",
		async () =>
			(await vinh.key("second").getAttribute("aria-pressed")) === "false",
	);
	await vinh.closePanel();
});

it("a name of two lines takes nothing from its own picture, and no flag covers another", async () => {
	const heights = await vinh.page
		.getByTestId("seat")
		.evaluateAll((tiles) =>
			tiles.map(
				(tile) => tile.firstElementChild?.getBoundingClientRect().height,
			),
		);
	expect(new Set(heights).size).toBe(1);
	await chair.command(vinh, "broadcast");
	await vinh.key("hand").click();
	const top = chair
		.seat(vinh)
		.locator("span", { hasText: "Đang phát" })
		.first();
	await chair.seat(vinh).getByText("Đang phát").waitFor();
	await top.waitFor();
	const [flag, hand] = await chair.seat(vinh).evaluate((tile) => {
		const row = tile.querySelector("[data-flag]")?.parentElement;
		return [...(row?.children ?? [])].map((part) => {
			const { left, right } = part.getBoundingClientRect();
			return { left, right };
		});
	});
	expect(flag?.right).toBeLessThanOrEqual(hand?.left ?? 0);
});
