import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually } from "../eventually";
import { People, type Person } from "../participants";
import { Server } from "../server";

let server: Server;
let people: People;
let chair: Person;
let vinh: Person;
let saver: Person;

beforeAll(async () => {
	server = await Server.start();
	people = new People(server);
	chair = await (await people.chair()).join({ microphone: true });
	vinh = await (await people.point(1)).join();
	saver = await (await people.point(2)).join();
	await chair.command(vinh, "broadcast");
	await chair.sees(chair.stage.locator("video"), "the main picture");
	await saver.sees(saver.stage.locator("video"), "the main picture");
});

afterAll(async () => {
	await people?.end();
	await server?.stop();
});

/** How many pixels wide the main picture is that somebody receives. */
const stageWidth = async (person: Person) =>
	(await person.lineOf(person.stage.locator("video")))?.width ?? 0;

it("choosing low makes one viewer's pictures small and light, and nobody else's", async () => {
	for (const viewer of [chair, saver]) {
		await eventually(
			`${viewer.name}'s main picture is the full one`,
			async () => (await stageWidth(viewer)) === 640,
			{ withinMs: 40_000 },
		);
	}
	const full = await saver.videoBitrate();
	await saver.receive("low");
	await eventually(
		"the picture becomes the smallest layer",
		async () => (await stageWidth(saver)) === 320,
		{ withinMs: 20_000 },
	);
	await eventually(
		"the small pictures are light",
		async () => (await saver.videoBitrate()) < full * 0.8,
		{ withinMs: 20_000 },
	);
	expect(await stageWidth(saver)).toBe(320);
	await eventually(
		"the chair's main picture is the full one",
		async () => (await stageWidth(chair)) === 640,
	);
	await saver.seesSeat(vinh);
});

it("choosing sound only stops every picture, and the sound goes on", async () => {
	await saver.receive("audio_only");
	await eventually(
		"no picture comes any more",
		async () => (await saver.videoBitrate(1_000)) < 8_000,
		{ withinMs: 20_000 },
	);
	await saver.hears();
	await chair.seesSeat(vinh);
});

it("choosing the shared screen gives that and no faces", async () => {
	await saver.receive("screen_only");
	await vinh.key("screen").click();
	await saver.page.locator("[data-testid=stage][data-kind=screen]").waitFor();
	await saver.sees(saver.stage.locator("video"), "the shared screen");
	await vinh.key("screen").click();
});

it("choosing everything brings the faces back", async () => {
	await saver.receive("everything");
	await saver.seesSeat(chair);
});
