import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Aiortc, type Decoded } from "../aiortc";
import { eventually } from "../eventually";
import { People, type Person } from "../participants";
import { Server } from "../server";

const red = ([r, g, b]: [number, number, number]) =>
	r > 150 && g < 90 && b < 90;
const blue = ([r, g, b]: [number, number, number]) =>
	r < 90 && g < 90 && b > 150;

/** Whether a player has the encoder's picture and tone, in their colours and with their loudness. */
const asSent = (seen: Decoded | null) =>
	seen !== null &&
	seen.frames > 20 &&
	seen.left !== null &&
	red(seen.left) &&
	seen.right !== null &&
	blue(seen.right) &&
	seen.loudness > 0.1;

describe("aiortc", () => {
	let server: Server;
	let people: People;
	let chair: Person;

	beforeAll(async () => {
		server = await Server.start();
		people = new People(server);
		// Nobody else sends anything: what is seen and heard is the encoder.
		chair = await (await people.chair()).join({ camera: false });
	});

	afterAll(async () => {
		await people?.end();
		await server?.stop();
	});

	it.each([
		[1, "H264"],
		[2, "VP8"],
	] as const)(
		"point %i publishes %s by WHIP: its seat shows it, and an aiortc player by WHEP shows and sounds what was sent",
		async (point, codec) => {
			const { name, code } = await people.invited(point);
			const encoder = Aiortc.encoder(
				server,
				await server.token("point", `Máy phát ${codec}`, code),
				codec,
			);
			const player = Aiortc.player(
				server,
				await server.token("viewer", `Máy xem ${codec}`),
			);
			try {
				await chair.meetsEncoder(name, encoder);
				await eventually(
					"the player shows and sounds what was sent",
					() => asSent(player.decoded()),
					{ withinMs: 30_000 },
				);
				expect(player.decoded()?.width).toBe(320);
			} finally {
				await encoder.stop();
				await player.stop();
			}
		},
	);
});
