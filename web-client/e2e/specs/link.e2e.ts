import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { eventually, never } from "../eventually";
import { Cable } from "../network";
import { ownSecondsUntil } from "../ownSeconds";
import { chromiumPath, People, type Person } from "../participants";
import { Server } from "../server";

let cable: Cable;
let server: Server;
let people: People;
let chair: Person;
let far: Person;

beforeAll(async () => {
	cable = new Cable(74);
	server = await Server.start({ ip: cable.hostIp });
	people = new People(server);
	chair = await (await people.chair()).join({ microphone: true });
	far = await (
		await people.point(1, { executable: cable.command(chromiumPath()) })
	).join();
	await far.seesSeat(chair);
	await chair.seesSeat(far);
	await far.hears();
});

// What one test cut and could not mend is nothing to the next.
afterEach(() => cable.mend());

afterAll(async () => {
	await people?.end();
	await server?.stop();
	cable?.remove();
});

/** The bar that says what of the link is lost, or that all is well. */
const bar = (cause: string | null) =>
	cause === null
		? "[data-testid=link-state]:not([data-cause])"
		: `[data-testid=link-state][data-cause=${cause}]`;

/** Waits until the bar says so. */
const barSays = (cause: string | null) =>
	far.page.locator(bar(cause)).waitFor();

/** How bright the kept picture on the tile of somebody is. */
const light = (of: Person) =>
	far
		.seat(of)
		.locator("canvas:not([hidden])")
		.evaluate((canvas) => {
			const pen = (canvas as HTMLCanvasElement).getContext("2d");
			const { width, height } = canvas as HTMLCanvasElement;
			const data = pen?.getImageData(0, 0, width, height).data ?? [];
			let sum = 0;
			for (let at = 0; at < data.length; at += 4) sum += data[at + 1] ?? 0;
			return (sum * 4) / data.length;
		});

it("a pulled cable turns the bar within two seconds; the last pictures stay, grey, with the place and a count, and move again", async () => {
	cable.pull();
	expect(await ownSecondsUntil(far.page, bar("network"))).toBeLessThanOrEqual(
		2,
	);
	await far.page.locator("[data-pictures=stand]").waitFor();
	await far.isCutOff();
	expect(await light(chair)).toBeGreaterThan(8);
	const cover = far.page.getByTestId("reconnecting");
	expect(await cover.innerText()).toContain("giữ nguyên chỗ");
	expect(await cover.innerText()).toMatch(/0:\d\d/);
	await cover.getByText("Mất mạng giữa máy này và máy chủ").waitFor();

	cable.plug();
	await far.isBack();
	await barSays(null);
	await far.seesSeat(chair);
	await eventually(
		"the kept pictures are gone",
		async () => (await far.page.locator("canvas:not([hidden])").count()) === 0,
	);
});

it("signaling that is cut alone is named as such, while picture and sound go on", async () => {
	cable.blockPort(server.port);
	await barSays("signaling");
	await far.page.getByTestId("outage").getByText("mất kênh lệnh").waitFor();
	await far.seesSeat(chair);
	await far.hears();
	expect(await far.page.getByTestId("reconnecting").isVisible()).toBe(false);
	// What is pressed now is not done a minute later, when nobody thinks of it any more. So long the page still hopes that its
	// connection lives, and whatever arrives by it was meant.
	await far.key("microphone").click();
	await new Promise((done) => setTimeout(done, 8_000));
	cable.unblock();
	await far.told("not_sent").waitFor();
	await barSays(null);
	await never(
		"the microphone opens late",
		async () =>
			(await far.key("microphone").getAttribute("aria-pressed")) === "true",
	);
});

it("media that are cut alone are named within two seconds, while the room talks on", async () => {
	await far.seesSeat(chair);
	cable.blockUdp();
	expect(await ownSecondsUntil(far.page, bar("media"))).toBeLessThanOrEqual(2);
	await chair.page.getByTestId("chat-input").fill("Quế Phong nghe rõ không?");
	await chair.page.keyboard.press("Enter");
	await far.page.getByText("Quế Phong nghe rõ không?").waitFor();
	// By itself it finds the way over TCP.
	await far.connected();
	await barSays(null);
	await far.seesSeat(chair);
	cable.unblock();
});
