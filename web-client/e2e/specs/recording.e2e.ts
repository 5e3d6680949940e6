import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually } from "../eventually";
import {
	finishedFilm,
	type Mark,
	markedDevices,
	probe,
	prominence,
	shareOfColour,
} from "../film";
import { People, type Person } from "../participants";
import { Server } from "../server";

/** No tone is a harmonic of another. */
const MARKS: Mark[] = [
	{ name: "red", rgb: [220, 20, 30], hertz: 500 },
	{ name: "green", rgb: [20, 180, 40], hertz: 830 },
	{ name: "blue", rgb: [30, 40, 220], hertz: 1370 },
];

let server: Server;
let people: People;
let chair: Person;
let folder: string;
const points: Person[] = [];

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), "diemcau-film-"));
	server = await Server.start();
	people = new People(server);
	chair = await (await people.chair()).join({ camera: false });
	for (const [number, mark] of MARKS.entries()) {
		const flags = await markedDevices(folder, mark);
		const point = await people.point(number + 1, { flags });
		points.push(await point.join({ microphone: true, profile: "phone" }));
	}
});

afterAll(async () => {
	await people?.end();
	await server?.stop();
	rmSync(folder, { recursive: true, force: true });
});

it("a server that is killed while recording loses no recording", async () => {
	const recordingIs = (state: string) =>
		chair.page
			.locator(`[data-testid=recording][data-state=${state}]`)
			.waitFor({ timeout: 60_000 });
	for (const point of points) {
		await chair.seesSeat(point);
		await point.speaks();
	}
	await chair.key("record").click();
	await recordingIs("on");
	const began = Date.now();
	await eventually(
		"ten seconds are recorded",
		() => Date.now() - began > 10_000,
	);
	const killed = Date.now();
	await server.kill();
	for (const person of [chair, ...points]) await person.isCutOff();
	await server.run();
	for (const person of [chair, ...points]) await person.isBack();
	const back = Date.now();
	await recordingIs("on");
	for (const point of points) {
		await chair.seesSeat(point);
		await point.speaks();
	}
	const resumed = Date.now();
	await eventually(
		"ten more are recorded",
		() => Date.now() - resumed > 10_000,
	);

	const film = await finishedFilm(chair, folder);
	const [shortest, longest] = film.within;
	expect(film.seconds).toBeGreaterThan(shortest - 2);
	expect(film.seconds).toBeLessThan(longest + 2);
	const { file } = film;
	// A busy page shows late that it is recorded, and that it is back: the film's clock does not depend on that.
	const [killedAt, backAt] = [film.at(killed), film.at(back)];
	const { seconds, codecs } = await probe(file);
	expect(codecs).toEqual(["aac", "h264"]);
	expect(seconds).toBeGreaterThan(shortest - 2);
	expect(seconds).toBeLessThan(longest + 2);
	for (const mark of MARKS) {
		for (const [from, to] of [
			[2, killedAt - 2],
			[backAt + 4, seconds - 1],
		] as const) {
			const where = `${mark.name} between ${from} s and ${to} s`;
			const share = await shareOfColour(file, (from + to) / 2, mark);
			expect(share, `picture: ${where}`).toBeGreaterThan(0.01);
			const tone = await prominence(file, [from, to], mark.hertz);
			expect(tone, `sound: ${where}`).toBeGreaterThan(50);
		}
	}
});

it("the session's page plays the film and seeks in it", async () => {
	const { page } = chair;
	await page.goto(`${server.url}/s/${chair.session}`);
	await page
		.getByRole("link", { name: /Xem lại/ })
		.first()
		.click();
	const video = page.locator("video");
	await video.waitFor();
	await video.evaluate((player: HTMLVideoElement) => {
		player.muted = true;
		return player.play();
	});
	await eventually("it plays", () =>
		video.evaluate((player: HTMLVideoElement) => player.currentTime > 0.5),
	);
	// Halfway on, and there at once: not by playing from where it was.
	const { from, wanted, reached } = await video.evaluate(
		async (player: HTMLVideoElement) => {
			const from = player.currentTime;
			const wanted = player.duration / 2;
			const seeked = new Promise((resolve) =>
				player.addEventListener("seeked", resolve, { once: true }),
			);
			player.currentTime = wanted;
			await seeked;
			return { from, wanted, reached: player.currentTime };
		},
	);
	expect(from).toBeLessThan(wanted);
	expect(reached).toBeGreaterThanOrEqual(wanted - 0.1);
	await eventually("it plays on from there", () =>
		video.evaluate(
			(player: HTMLVideoElement, reached: number) =>
				player.currentTime > reached + 1,
			reached,
		),
	);
});
