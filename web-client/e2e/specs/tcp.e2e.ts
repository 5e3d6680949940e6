import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually } from "../eventually";
import { readPath } from "../inPage";
import { Cable } from "../network";
import { chromiumPath, People, type Person } from "../participants";
import { Server } from "../server";

let cable: Cable;
let server: Server;
let people: People;
let chair: Person;
let far: Person;

beforeAll(async () => {
	cable = new Cable(73);
	cable.blockUdp();
	server = await Server.start({ ip: cable.hostIp });
	people = new People(server);
	chair = await (await people.chair()).join({ microphone: true });
	far = await people.point(1, { executable: cable.command(chromiumPath()) });
});

afterAll(async () => {
	await people?.end();
	await server?.stop();
	cable?.remove();
});

it("a point behind a firewall that passes no UDP joins, sees and is seen, hears and is heard", async () => {
	await far.join({ microphone: true });
	await far.seesSeat(chair);
	await chair.seesSeat(far);
	await far.hears();
	await chair.hears();
	expect(await far.page.evaluate(readPath)).toBe("tcp");
	expect(await chair.page.evaluate(readPath)).toBe("udp");
});

it("its technician reads in the figures that the path is TCP", async () => {
	await far.key("more").click();
	const path = far.page
		.getByTestId("statistics")
		.locator("div", { has: far.page.getByText("Đường", { exact: true }) })
		.locator("dd");
	await eventually(
		"the figures say TCP",
		async () => (await path.innerText()) === "TCP",
	);
});

it("whoever watches over the network sees it too", async () => {
	const { name } = await people.invited(1);
	const monitor = await chair.context.newPage();
	await monitor.goto(`${server.url}/monitor`);
	await monitor
		.getByRole("row")
		.filter({ hasText: name })
		.getByRole("cell", { name: "TCP", exact: true })
		.waitFor({ timeout: 25_000 });
});
