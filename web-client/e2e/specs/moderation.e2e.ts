import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually, never } from "../eventually";
import { People, type Person } from "../participants";
import { Server } from "../server";

let server: Server;
let people: People;
let chair: Person;
let vinh: Person;

beforeAll(async () => {
	server = await Server.start();
	people = new People(server);
	chair = await (await people.chair()).join();
	vinh = await (await people.point(1)).join({ microphone: true });
});

afterAll(async () => {
	await people?.end();
	await server?.stop();
});

/** Waits until the wall of `viewer` says so of somebody's microphone. */
const microphoneIs = (viewer: Person, of: Person, state: string) =>
	eventually(
		`${viewer.name} sees the microphone of ${of.name} ${state}`,
		async () =>
			(await viewer.seat(of).getAttribute("data-microphone")) === state,
	);

/** Waits until somebody hears nothing any more; what was on its way may still arrive. Then it stays silent. */
async function isSilent(listener: Person): Promise<void> {
	const silence = await eventually("silence falls", async () => {
		const before = await listener.heard();
		await new Promise((done) => setTimeout(done, 700));
		const after = await listener.heard();
		return after - before < 1e-6 && { after };
	});
	await never(
		`${listener.name} hears something`,
		async () => (await listener.heard()) - silence.after > 1e-6,
	);
}

it("the chair mutes a point, which is told, and may speak again when it wants to", async () => {
	await chair.hears();
	await chair.command(vinh, "mute");
	await vinh
		.told("mic_muted")
		.getByText("Chủ trì đã tắt micro này. Bấm Micro để bật lại.")
		.waitFor();
	await microphoneIs(chair, vinh, "muted");
	expect(await vinh.key("microphone").innerText()).toContain("Chủ trì đã tắt");
	await isSilent(chair);

	await vinh.key("microphone").click();
	await microphoneIs(chair, vinh, "open");
	await chair.hears();
});

it("locking all silences the points and spares the chair", async () => {
	await chair.key("microphone").click();
	await microphoneIs(vinh, chair, "open");
	await chair.key("lock-all").click();
	await vinh.told("mic_locked").waitFor();
	await microphoneIs(chair, vinh, "locked");
	await isSilent(chair);
	await vinh.hears();
	expect(await vinh.seat(chair).getAttribute("data-microphone")).toBe("open");
});

it("a point that opens its locked microphone is told why it stays closed, and what to do", async () => {
	// Forced: the key says that it is disabled, and somebody presses it all the same.
	await vinh.key("microphone").click({ force: true });
	const why = vinh.told("refusal_microphone_locked");
	await why.waitFor();
	expect(await why.innerText()).toContain(
		"Chủ trì đang khóa micro. Bấm Xin phát biểu để được mời.",
	);
	expect(await chair.seat(vinh).getAttribute("data-microphone")).toBe("locked");

	// What it was told to do works: asked, and invited, it speaks.
	await vinh.key("hand").click();
	await chair.page.getByTestId("grant").click();
	await microphoneIs(chair, vinh, "open");
	await chair.hears();
});

it("a second one with a right to the chair presides as secretary, and ends the session only while the chair is away", async () => {
	const deputy = await (await people.standIn()).join({ camera: false });
	await deputy.told("chair_taken").waitFor();
	const end = deputy.key("end");
	await end.getByText("Chủ trì kết thúc").waitFor();
	expect(await end.getAttribute("aria-disabled")).toBe("true");
	// Its turn ends, and the lock of all is what is left.
	await deputy.command(vinh, "mute");
	await microphoneIs(deputy, vinh, "locked");

	await chair.vanish();
	await deputy.told("chair_away").waitFor();
	await end.getByText("Giữ 2 giây").waitFor();
	await end.hover();
	await deputy.page.mouse.down();
	await vinh.page
		.locator("[data-testid=over][data-reason=session_ended]")
		.waitFor();
});
