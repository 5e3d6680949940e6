import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Aiortc } from "../aiortc";
import { eventually } from "../eventually";
import { Gstreamer } from "../gstreamer";
import { People, type Person } from "../participants";
import { asSent } from "../scriptedPeer";
import { Server } from "../server";

/** Encoders and players of other makers of WebRTC, with certificates of other kinds. */
const stacks = [
	["aiortc", Aiortc],
	["GStreamer's webrtcbin", Gstreamer],
] as const;

describe.each(stacks)("%s", (_, Stack) => {
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
		"publishes as point %i in %s by WHIP: its seat shows it, and a player of it by WHEP shows and sounds what was sent",
		async (point, codec) => {
			const { name, code } = await people.invited(point);
			const encoder = Stack.encoder(
				server,
				await server.token("point", `Máy phát ${codec}`, code),
				codec,
			);
			const player = Stack.player(
				server,
				await server.token("viewer", `Máy xem ${codec}`),
				codec,
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
