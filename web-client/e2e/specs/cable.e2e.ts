import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../eventually";
import { Cable } from "../network";
import { chromiumPath, People, type Person } from "../participants";
import { Server } from "../server";

describe("a pulled cable", () => {
	let cable: Cable;
	let server: Server;
	let people: People;
	let chair: Person;
	let far: Person;

	beforeAll(async () => {
		cable = new Cable(71);
		server = await Server.start({ ip: cable.hostIp });
		people = new People(server);
		chair = await (await people.chair()).join({ microphone: true });
		far = await (
			await people.point(1, { executable: cable.command(chromiumPath()) })
		).join();
	});

	afterAll(async () => {
		await people?.end();
		await server?.stop();
		cable?.remove();
	});

	it("for ten seconds, and the point is back in its seat with picture and sound", async () => {
		await chair.seesSeat(far);
		await far.seesSeat(chair);
		await far.key("hand").click();
		await chair.page
			.locator(`[data-testid=hands] [data-participant="${far.id}"]`)
			.waitFor();
		const seat = await chair.seat(far).getAttribute("data-seat");

		cable.pull();
		await new Promise((done) => setTimeout(done, 10_000));
		cable.plug();

		await chair.seesSeat(far);
		await far.seesSeat(chair);
		await far.hears();
		await eventually("the overlay is gone", async () =>
			far.page.getByTestId("reconnecting").isHidden(),
		);
		expect(await chair.seat(far).getAttribute("data-seat")).toBe(seat);
		expect(await chair.seat(far).getAttribute("data-state")).toBe("present");
		await far.page
			.locator(`[data-testid=hands] [data-participant="${far.id}"]`)
			.waitFor();
	});

	it("for longer, and everybody is told, and it comes back all the same", async () => {
		cable.pull();
		await far.isCutOff();
		await eventually(
			"the chair sees that the point is being reconnected",
			async () =>
				(await chair.seat(far).getAttribute("data-state")) === "reconnecting",
			{ withinMs: 20_000 },
		);
		expect(await far.page.getByTestId("reconnecting").innerText()).toContain(
			"giữ nguyên chỗ",
		);
		cable.plug();
		await far.isBack();
		await chair.seesSeat(far);
		await far.seesSeat(chair);
	});
});

describe("a server that is killed", () => {
	it("finds everybody back in their seats after its restart", async () => {
		const server = await Server.start();
		const people = new People(server);
		try {
			const chair = await (await people.chair()).join({ microphone: true });
			const vinh = await (await people.point(1)).join();
			await vinh.key("hand").click();
			await chair.page.getByTestId("grant").waitFor();
			const seat = await chair.seat(vinh).getAttribute("data-seat");
			// The journal may lose what a killed server did in its last moments, so some go by.
			await vinh.hears();
			await chair.seesSeat(vinh);
			await new Promise((done) => setTimeout(done, 1_000));

			await server.kill();
			await chair.isCutOff();
			await vinh.isCutOff();
			await server.run();

			await chair.isBack();
			await vinh.isBack();
			await chair.seesSeat(vinh);
			await vinh.hears();
			expect(await chair.seat(vinh).getAttribute("data-seat")).toBe(seat);
			await chair.page.getByTestId("grant").waitFor();
		} finally {
			await people.end();
			await server.stop();
		}
	});
});
