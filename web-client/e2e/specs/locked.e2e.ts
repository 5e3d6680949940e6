import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually } from "../eventually";
import { People, type Person } from "../participants";
import { Server } from "../server";

let server: Server;
let people: People;
let chair: Person;
let honest: Person;
let cheater: Person;

beforeAll(async () => {
	server = await Server.start();
	people = new People(server);
	chair = await (await people.chair()).join();
	honest = await (await people.point(1)).join();
	cheater = await (await people.point(2, { cheating: true })).join({
		microphone: true,
	});
});

afterAll(async () => {
	await people?.end();
	await server?.stop();
});

/** Energy of what a page's own microphone puts on the wire, and how many packets. */
async function sentAudio(person: Person) {
	const { sent } = await person.lines();
	const line = sent.find(({ kind }) => kind === "audio");
	return { energy: line?.energy ?? 0, packets: line?.packets ?? 0 };
}

it("a client that the chair has locked is not forwarded although it keeps sending", async () => {
	await honest.hears();
	await chair.command(cheater, "lock");
	await eventually(
		"the lock shows on the wall",
		async () =>
			(await honest.seat(cheater).getAttribute("data-microphone")) === "locked",
	);
	// What was on its way when the lock fell may still arrive.
	await eventually("silence falls", async () => {
		const before = await honest.heard();
		await new Promise((done) => setTimeout(done, 700));
		return (await honest.heard()) - before < 1e-6;
	});

	const [heard, sent] = [await honest.heard(), await sentAudio(cheater)];
	await eventually("the cheater goes on sending", async () => {
		const after = await sentAudio(cheater);
		return (
			after.energy - sent.energy > 0.001 && after.packets - sent.packets > 200
		);
	});
	expect((await honest.heard()) - heard).toBeLessThan(1e-6);
});

it("the locked one cannot open its microphone, and is told why", async () => {
	await expect(
		cheater.key("microphone").getAttribute("aria-disabled"),
	).resolves.toBe("true");
	expect(await cheater.key("microphone").innerText()).toContain("khóa");
});

it("it is heard again when the chair unlocks it", async () => {
	await chair.command(cheater, "lock");
	if (
		(await cheater.key("microphone").getAttribute("aria-pressed")) !== "true"
	) {
		await cheater.key("microphone").click();
	}
	await honest.hears();
});

it("locking all spares the chair, and newcomers come in locked", async () => {
	await chair.key("lock-all").click();
	await eventually(
		"the honest one is locked",
		async () =>
			(await chair.seat(honest).getAttribute("data-microphone")) === "locked",
	);
	const newcomer = await (await people.point(3)).join();
	await eventually(
		"the newcomer is locked",
		async () =>
			(await chair.seat(newcomer).getAttribute("data-microphone")) === "locked",
	);
	await chair.key("microphone").click();
	await honest.hears();
});
