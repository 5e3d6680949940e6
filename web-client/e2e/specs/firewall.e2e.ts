import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { meet } from "../meeting";
import { Cable } from "../network";
import { chromiumPath, People, type Person } from "../participants";
import { meetAcross, readsPath, watchesPath } from "../path";
import { Server } from "../server";

describe("a school whose firewall passes the port of HTTPS alone", () => {
	let cable: Cable;
	let server: Server;
	let people: People;
	let chair: Person;
	let far: Person;

	beforeAll(async () => {
		cable = new Cable(75);
		server = await Server.start({ ip: cable.hostIp });
		cable.passOnly(server.port);
		people = new People(server);
		chair = await (await people.chair()).join({ microphone: true });
	});

	afterAll(async () => {
		await people?.end();
		await server?.stop();
		cable?.remove();
	});

	it("is told what stands in the way as long as its computer does not trust the server's certificate", async () => {
		const stranger = await people.point(2, {
			executable: cable.command(chromiumPath()),
		});
		await seesObstacle(stranger, "relay_closed", [
			"chưa tin chứng chỉ",
			`cổng ${server.port}`,
			`${server.url}/ca.crt`,
		]);
		await stranger.vanish();
	});

	it("joins, sees and is seen, hears and is heard, once it does", async () => {
		cable.trust(server.authority);
		far = await people.point(1, { executable: cable.command(chromiumPath()) });
		await meetAcross(far, chair, "tls");
	});

	it("its technician reads in the figures that the path is TLS", async () => {
		await readsPath(far, `TLS ${server.port}`);
	});

	it("whoever watches over the network sees it too", async () => {
		await watchesPath(chair, people, 1, "TLS");
	});
});

describe("22 schools whose firewalls pass the port of HTTPS alone", () => {
	let cable: Cable;
	let server: Server;

	beforeAll(async () => {
		cable = new Cable(78);
		server = await Server.start({ ip: cable.hostIp });
		cable.passOnly(server.port);
	});

	afterAll(async () => {
		await server?.stop();
		cable?.remove();
	});

	it("meet, and each sees and hears who speaks", async () => {
		const [speakers, listeners] = await meet(server, cable, 20);
		const seen = { failed: 0, fewest_stages: 1 };
		expect(speakers).toMatchObject({ joined: 2, ...seen });
		expect(listeners).toMatchObject({ joined: 20, ...seen });
		expect(speakers?.fewest_voices).toBeGreaterThan(0);
		expect(listeners?.fewest_voices).toBeGreaterThan(0);
	});
});

describe("a server without a way through the port of HTTPS", () => {
	let cable: Cable;
	let server: Server;
	let people: People;

	beforeAll(async () => {
		cable = new Cable(76);
		server = await Server.start({
			ip: cable.hostIp,
			env: { DIEMCAU_SIGNALING__TURN__ENABLED: "false" },
		});
		cable.passOnly(server.port);
		people = new People(server);
	});

	afterAll(async () => {
		await people?.end();
		await server?.stop();
		cable?.remove();
	});

	it("has its pages say which ports the school's network blocks", async () => {
		const far = await people.point(1, {
			executable: cable.command(chromiumPath()),
		});
		await seesObstacle(far, "no_relay", [
			"Mạng ở đây chặn hình và tiếng",
			"Xin quản trị mạng mở UDP",
			cable.hostIp,
		]);
	});
});

/** Goes in, and reads why there is neither picture nor sound. */
async function seesObstacle(
	person: Person,
	cause: string,
	said: string[],
): Promise<void> {
	await person.openLobby({ profile: "desk" });
	await person.page.getByTestId("join").click();
	const obstacle = person.page.getByTestId("obstacle");
	await obstacle.waitFor({ timeout: 40_000 });
	expect(await obstacle.getAttribute("data-cause")).toBe(cause);
	const text = await obstacle.innerText();
	for (const words of said) expect(text).toContain(words);
}
