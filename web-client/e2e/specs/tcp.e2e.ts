import { afterAll, beforeAll, it } from "vitest";
import { Cable } from "../network";
import { chromiumPath, People, type Person } from "../participants";
import { meetAcross, readsPath, watchesPath } from "../path";
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
	await meetAcross(far, chair, "tcp");
});

it("its technician reads in the figures that the path is TCP", async () => {
	await readsPath(far, "TCP");
});

it("whoever watches over the network sees it too", async () => {
	await watchesPath(chair, people, 1, "TCP");
});
