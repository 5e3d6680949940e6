import { afterAll, beforeAll, expect, it } from "vitest";
import { BadLink } from "../badLink";
import { eventually, missing } from "../eventually";
import { comeThrough, type LineStats } from "../inPage";
import { People, type Person } from "../participants";
import { Server } from "../server";

/** Every 25th packet is lost in each direction, and 150 ms go by there and back. */
const LINK = "delay 75ms loss 4%";

let server: Server;
let link: BadLink;
let people: People;
let chair: Person;
let near: Person;
let far: Person;

beforeAll(async () => {
	// The link leads to one port.
	server = await Server.start({ env: { DIEMCAU_SFU__SHARDS: "1" } });
	link = await BadLink.lay(server, LINK);
	people = new People(server);
	chair = await (await people.chair()).join({ microphone: true });
	near = await (await people.point(1)).join();
	far = await people.point(2);
	await far.context.addInitScript(comeThrough, link.port);
	await far.join({ microphone: true });
});

afterAll(async () => {
	await people?.end();
	await link?.remove();
	await server?.stop();
});

/** What somebody receives of the chair's picture. */
async function picture(viewer: Person): Promise<LineStats> {
	const line = await viewer.lineOf(viewer.seat(chair).locator("video"));
	return line ?? missing(`${viewer.name} has no picture of the chair`);
}

/** Voices that somebody received so far. */
async function voices(listener: Person) {
	const { received } = await listener.lines();
	const sum = (count: (line: LineStats) => number) =>
		received
			.filter(({ kind }) => kind === "audio")
			.reduce((sum, line) => sum + count(line), 0);
	return {
		packets: sum((line) => line.packets),
		bytes: sum((line) => line.bytes),
	};
}

it("a point whose link loses every 25th packet sees and is seen, hears and is heard", async () => {
	await far.seesSeat(chair);
	await chair.seesSeat(far);
	await far.hears();
	await chair.hears();
});

it("its picture goes on moving", async () => {
	await near.seesSeat(chair);
	const begun = { near: await picture(near), far: await picture(far) };
	// However slow this machine is, it shows both the same picture; a loss that is not repaired stops it for seconds.
	const shown = await eventually(
		"somebody on a good link is shown two hundred pictures",
		async () => {
			const others = (await picture(near)).frames - begun.near.frames;
			const own = (await picture(far)).frames - begun.far.frames;
			return others >= 200 && { others, own };
		},
		{ withinMs: 90_000 },
	);
	expect(shown.own).toBeGreaterThan((shown.others * 2) / 3);
	await far.seesSeat(chair);
});

it("each voice packet brings the one before it along, to this point alone", async () => {
	let begun = { near: await voices(near), far: await voices(far) };
	await eventually(
		"packets of voices are larger on the bad link",
		async () => {
			const now = { near: await voices(near), far: await voices(far) };
			const size = (of: "near" | "far") =>
				(now[of].bytes - begun[of].bytes) /
				(now[of].packets - begun[of].packets);
			if (now.far.packets - begun.far.packets < 50) {
				return missing(`${now.far.packets} packets so far`);
			}
			const sizes = { near: size("near"), far: size("far") };
			begun = now;
			return sizes.far > sizes.near * 1.5 || missing(JSON.stringify(sizes));
		},
		{ withinMs: 60_000 },
	);
	await far.hears();
	await chair.hears();
});

it("and the link did lose packets, both ways", async () => {
	const losses = await link.remove();
	expect(losses.down).toBeGreaterThan(10);
	expect(losses.up).toBeGreaterThan(10);
});
