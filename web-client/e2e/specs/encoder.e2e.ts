import { afterAll, beforeAll, it } from "vitest";
import { Encoder } from "../encoder";
import { eventually } from "../eventually";
import { playByWhep, readUfrag, restartByWhep } from "../inPage";
import { People, type Person } from "../participants";
import { Server } from "../server";

let server: Server;
let people: People;
let chair: Person;
let encoder: Encoder;

beforeAll(async () => {
	server = await Server.start();
	people = new People(server);
	// Nobody else sends anything: what is seen and heard is the encoder.
	chair = await (await people.chair()).join({ camera: false });
	const { code } = await people.invited(1);
	encoder = new Encoder(
		server,
		await server.token("point", "Máy phát hội trường", code),
	);
});

afterAll(async () => {
	await encoder?.stop();
	await people?.end();
	await server?.stop();
});

it("an encoder on another WebRTC stack is seen in its point's seat, and heard", async () => {
	const { name } = await people.invited(1);
	await chair.meetsEncoder(name, encoder);
});

it("a page of somebody else plays it by WHEP, and still does after an ICE restart", async () => {
	const player = await people.stranger("player");
	// Not one of the product's pages: an empty one, as a portal would have it.
	await player.page.route("**/player.html", (route) =>
		route.fulfill({ contentType: "text/html", body: "<title>player</title>" }),
	);
	await player.page.goto(`${server.url}/player.html`);
	const token = await server.token("viewer", "Trang phát");
	const endpoint = `/whep/${server.session}`;
	await player.page.evaluate(playByWhep, { endpoint, token });
	await player.sees(player.page.locator("video"), "the encoder");
	await player.hears();

	// Its network changes: it seeks another path, and goes on playing.
	const ufrag = await player.page.evaluate(restartByWhep, { token });
	await eventually(
		"its packets go under the new name",
		async () => (await player.page.evaluate(readUfrag)) === ufrag,
	);
	await player.sees(player.page.locator("video"), "the encoder again");
	await player.hears();
});
