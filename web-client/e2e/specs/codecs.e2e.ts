import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually } from "../eventually";
import { finishedFilm, type Mark, markedDevices, shareOfColour } from "../film";
import { People, type Person } from "../participants";
import { Server } from "../server";

const RED: Mark = { name: "red", rgb: [220, 20, 30], hertz: 500 };

let server: Server;
let people: People;
let chair: Person;
let point: Person;
let folder: string;

/** When each codec was seen, by this machine's clock. */
const seenAt: [string, number][] = [];

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), "diemcau-codecs-"));
	server = await Server.start();
	people = new People(server);
	chair = await (await people.chair()).join({ camera: false });
	const flags = await markedDevices(folder, RED);
	point = await people.point(1, { flags });
	await point.join();
	await chair.seesSeat(point);
	// Everybody's main picture from here on, whoever speaks.
	await chair.command(point, "broadcast");
	await chair.key("record").click();
	await chair.page
		.locator("[data-testid=recording][data-state=on]")
		.waitFor({ timeout: 60_000 });
});

afterAll(async () => {
	await people?.end();
	await server?.stop();
	rmSync(folder, { recursive: true, force: true });
});

it.each(["h264", "vp9"])(
	"a camera that turns to %s is seen in it, small and large",
	async (codec) => {
		await point.encode(codec);
		const tile = chair.seat(point).locator("video");
		await eventually(
			`the chair receives ${codec}`,
			async () =>
				(await chair.lineOf(tile))?.codec.toLowerCase() === `video/${codec}`,
			{ withinMs: 40_000 },
		);
		await chair.seesSeat(point);
		const stage = chair.stage.locator("video");
		await chair.sees(stage, `the main picture in ${codec}`);
		await eventually(
			"the main picture is the large one",
			async () => ((await chair.lineOf(stage))?.width ?? 0) === 640,
			{ withinMs: 40_000 },
		);
		const since = Date.now();
		seenAt.push([codec, since]);
		await eventually("it is recorded", () => Date.now() - since > 4_000);
	},
);

it("who cannot decode a camera's codec is told so, in Vietnamese", async () => {
	const old = await people.point(2);
	// A browser without VP9.
	await old.context.addInitScript(() => {
		const known = RTCRtpReceiver.getCapabilities.bind(RTCRtpReceiver);
		RTCRtpReceiver.getCapabilities = (kind) => {
			const found = known(kind);
			return (
				found && {
					...found,
					codecs: found.codecs.filter((one) => one.mimeType !== "video/VP9"),
				}
			);
		};
	});
	await old.join();
	await eventually(
		"the main picture says why it is empty",
		async () =>
			(await old.stage.textContent())?.includes(
				"Trình duyệt này không giải mã được",
			),
		{ withinMs: 30_000 },
	);
	await old.context.close();
});

it("the film shows every codec", async () => {
	const film = await finishedFilm(chair, folder);
	for (const [codec, seen] of seenAt) {
		const share = await shareOfColour(film.file, film.at(seen) + 2, RED);
		expect(share, codec).toBeGreaterThan(0.3);
	}
});
