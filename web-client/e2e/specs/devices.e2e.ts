import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually, never } from "../eventually";
import { plugDevice, pullable, pullDevice } from "../inPage";
import { ownSecondsUntil } from "../ownSeconds";
import { People, type Person } from "../participants";
import { Server } from "../server";
import { SoundCards } from "../soundCards";

let server: Server;
let people: People;
let sound: SoundCards;
let chair: Person;
let hall: Person;

beforeAll(async () => {
	server = await Server.start();
	people = new People(server);
	sound = await SoundCards.start();
	// The first one is the system's own.
	await sound.plugSpeaker("Hall loudspeaker");
	await sound.plugSpeaker("Television");
	await sound.plugMicrophone("Hall microphone");
	await sound.plugMicrophone("Spare microphone", 880);
	await sound.plugMicrophone("Dead microphone", 0);
	chair = await (await people.chair()).join({ microphone: true });
});

afterAll(async () => {
	await people?.end();
	await sound?.stop();
	await server?.stop();
});

/** The notice of this kind. */
const toast = (notice: string) => `[data-testid=toast][data-notice=${notice}]`;

it("a room PC without a camera comes in, and says which device it lacks", async () => {
	hall = await people.point(1, { sound });
	await hall.openLobby({ profile: "desk" });
	await hall.page
		.getByTestId("verdict")
		.getByText("Không thấy camera. Cắm camera vào máy là tự nhận.")
		.waitFor();
	await hall.page.getByTestId("pick-microphone").click();
	await hall.deviceRow("Hall microphone").check();
	await hall.page.keyboard.press("Escape");
	await hall.page.getByTestId("lobby-microphone").click();
	await hall.enter();
	await chair.hears();
});

it("a microphone that is pulled out is told within two seconds and another takes over; it is used again when it is plugged in", async () => {
	await sound.pull("Hall microphone");
	expect(
		await ownSecondsUntil(hall.page, "[data-testid=toast]", "Hall microphone"),
	).toBeLessThanOrEqual(2);
	await hall.told("device_replaced").waitFor();
	await chair.hears();

	await sound.plugMicrophone("Hall microphone");
	await hall.told("device_back").getByText("Hall microphone").waitFor();
	await chair.hears();
	await hall.openPanel("devices");
	expect(await hall.deviceRow("Hall microphone").isChecked()).toBe(true);
});

it("every microphone shows what it hears, and the room's own ear stays on the one in use", async () => {
	const level = (name: string) =>
		hall.page
			.getByTestId("devices-microphone")
			.locator("div", { has: hall.deviceRow(name) })
			.locator("[data-level]")
			.getAttribute("data-level");
	for (const name of ["Hall microphone", "Spare microphone"]) {
		await eventually(
			`the bars of ${name} rise`,
			async () => Number(await level(name)) > 2,
		);
	}
	expect(await level("Dead microphone")).toBe("0");
	await chair.hears();
});

it("another microphone is chosen without leaving; one that gives nothing while open is said after ten seconds", async () => {
	await hall.deviceRow("Dead microphone").check();
	await hall.closePanel();
	await hall.page.getByTestId("silent").waitFor({ timeout: 20_000 });
	await hall.page.getByRole("button", { name: "Chọn micro khác" }).click();
	await hall.deviceRow("Spare microphone").check();
	await hall.closePanel();
	await hall.page.getByTestId("silent").waitFor({ state: "hidden" });
	await chair.hears();
});

it("who speaks into a closed microphone is told, and nobody hears it", async () => {
	await hall.key("microphone").click();
	await hall
		.told("hearing_closed")
		.getByText("Micro đang tắt nên không ai nghe thấy. Bấm Micro để nói.")
		.waitFor();
	expect(await chair.seat(hall).getAttribute("data-microphone")).toBe("closed");
});

it("voices go to the chosen loudspeaker, to another when it is pulled out, and back", async () => {
	const comesOut = (speaker: string) =>
		eventually(`voices come out of the ${speaker}`, async () =>
			(await sound.playing()).includes(speaker),
		);
	await comesOut("Hall loudspeaker");
	await hall.openPanel("devices");
	await hall.deviceRow("Television").check();
	await comesOut("Television");
	await hall.page
		.getByRole("button", { name: "Nghe thử Hall loudspeaker" })
		.click();
	await comesOut("Hall loudspeaker");
	await hall.closePanel();
	await sound.pull("Television");
	await hall.told("device_lost").getByText("Television").waitFor();
	await comesOut("Hall loudspeaker");
	// Chromium keeps a resting stream for some seconds, and PulseAudio moves that to another card; people plug in later.
	await eventually(
		"the browser closes what played on the television",
		async () => (await sound.playing()).length === 1,
		{ withinMs: 60_000 },
	);
	await sound.plugSpeaker("Television");
	await hall.told("device_back").getByText("Television").waitFor();
	await comesOut("Television");
});

it("a right that is taken away in the room is named with the way out, and used again when it is given", async () => {
	await hall.setRight("microphone", "denied");
	await hall
		.told("fault_microphone_blocked_browser")
		.getByText("Trình duyệt đang chặn micro.")
		.waitFor();
	await hall.setRight("microphone", "granted");
	await hall.told("device_back").getByText("Micro dùng lại được").waitFor();
	await hall.key("microphone").click();
	await chair.hears();
});

it("a camera that is pulled out gives way to another, its picture moves on, and it comes back", async () => {
	const vinh = await people.point(2, {
		flags: ["--use-fake-device-for-media-stream=device-count=3,fps=10"],
	});
	await vinh.context.addInitScript(pullable);
	await vinh.openLobby({ profile: "desk" });
	// Chromium paints this one in a format that it cannot encode.
	await vinh.page.evaluate(pullDevice, "fake_device_1");
	await vinh.enter();
	await chair.seesSeat(vinh);
	const using = async () => {
		await vinh.openPanel("devices");
		const rows = vinh.page.getByTestId("devices-camera");
		const used = await rows.locator("div[data-checked]").innerText();
		await vinh.closePanel();
		return used.trim();
	};
	const first = await using();
	await vinh.page.evaluate(pullDevice, first);
	expect(
		await ownSecondsUntil(vinh.page, toast("device_replaced")),
	).toBeLessThanOrEqual(2);
	await chair.seesSeat(vinh);
	const second = await using();
	expect(second).not.toBe(first);

	// The last one: the room sees that there is no picture, and sees one again when it is back.
	await vinh.page.evaluate(pullDevice, second);
	expect(
		await ownSecondsUntil(vinh.page, toast("device_lost")),
	).toBeLessThanOrEqual(2);
	await chair.seat(vinh).getByText("Camera tắt").waitFor();
	await vinh.page.evaluate(plugDevice, first);
	await chair.seesSeat(vinh);
	expect(await using()).toBe(first);
});

it("a screen whose sharing the browser's own bar ends is taken off everybody's main picture", async () => {
	await hall.key("screen").click();
	await eventually(
		"the chair sees the screen",
		async () => (await chair.stage.getAttribute("data-kind")) === "screen",
	);
	await hall.page.evaluate(() => {
		const peers = (window as unknown as { peersUnderTest: RTCPeerConnection[] })
			.peersUnderTest;
		const screen = peers
			.at(-1)
			?.getSenders()
			.map(({ track }) => track)
			.find((track) => track?.contentHint === "text");
		screen?.stop();
		screen?.dispatchEvent(new Event("ended"));
	});
	await eventually(
		"the screen is gone",
		async () => (await chair.stage.getAttribute("data-kind")) !== "screen",
	);
	await never(
		"the key says that it is shared",
		async () =>
			(await hall.key("screen").getAttribute("aria-pressed")) === "true",
		{ forMs: 1_000 },
	);
});
