import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually } from "../eventually";
import {
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
	for (const point of points) await chair.seesSeat(point);
	await chair.key("record").click();
	await recordingIs("on");
	const began = Date.now();
	await eventually(
		"ten seconds are recorded",
		() => Date.now() - began > 10_000,
	);
	const killedAt = (Date.now() - began) / 1000;
	await server.kill();
	for (const person of [chair, ...points]) await person.isCutOff();
	await server.run();
	for (const person of [chair, ...points]) await person.isBack();
	const backAt = (Date.now() - began) / 1000;
	await recordingIs("on");
	for (const point of points) await chair.seesSeat(point);
	const resumed = Date.now();
	await eventually(
		"ten more are recorded",
		() => Date.now() - resumed > 10_000,
	);

	const asked = Date.now();
	await get(chair, "POST", `sessions/${chair.session}/end`);
	const done = Date.now();
	const film = await eventually(
		"the film is made",
		async () => {
			const page = await get(
				chair,
				"GET",
				`sessions/${chair.session}/recordings`,
			);
			const [recording] = page.items;
			if (recording?.state === "failed") throw new Error(recording.failure);
			return recording?.state === "ready" ? recording : null;
		},
		{ withinMs: 180_000 },
	);
	// By the server's own clock, which is this machine's: how late a busy page learns of it is not the film's fault.
	const [shortest, longest] = [asked, done].map(
		(ended) => (ended - film.started_at_us / 1000) / 1000,
	) as [number, number];
	expect(film.duration_us / 1e6).toBeGreaterThan(shortest - 2);
	expect(film.duration_us / 1e6).toBeLessThan(longest + 2);

	const media = await chair.context.request.get(server.url + film.media_url);
	expect(media.headers()["content-type"]).toBe("video/mp4");
	const file = join(folder, "film.mp4");
	writeFileSync(file, await media.body());
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
	// So far on that no player gets there in time by playing from where it was.
	const wanted = await video.evaluate((player: HTMLVideoElement) => {
		player.currentTime = Math.floor(player.duration) - 6;
		return player.currentTime;
	});
	expect(wanted).toBeGreaterThan(18);
	await eventually("it plays on from there", () =>
		video.evaluate(
			(player: HTMLVideoElement, from: number) =>
				!player.seeking && player.currentTime > from + 1,
			wanted,
		),
	);
});

/** Asks the REST interface as `person`. */
async function get(person: Person, method: "GET" | "POST", path: string) {
	const response = await person.context.request.fetch(
		`${person.server.url}/api/v1/${path}`,
		{ method, headers: { origin: person.server.url } },
	);
	if (!response.ok()) {
		throw new Error(`${path}: ${response.status()} ${await response.text()}`);
	}
	return JSON.parse((await response.text()) || "null");
}
