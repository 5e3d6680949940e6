import { describe, expect, it } from "vitest";
import { HearingCheck, SILENT_MS } from "./hearing";

/** Readings of a meter, five a second, for so long; returns every verdict. */
function listen() {
	const check = new HearingCheck();
	let now = 0;
	return {
		check,
		for: (
			ms: number,
			db: number | ((at: number) => number),
			how: { open: boolean; others?: boolean },
		) => {
			const said: string[] = [];
			for (let at = 0; at < ms; at += 200) {
				now += 200;
				const loud = typeof db === "number" ? db : db(at);
				said.push(check.read(now, loud, { others: false, ...how }));
			}
			return said;
		},
	};
}

const words = (at: number) => (at % 800 < 600 ? -25 : -60);

describe("what a microphone hears", () => {
	it("somebody who speaks into a closed one is noticed within two seconds", () => {
		expect(listen().for(2_000, words, { open: false })).toContain("closed");
	});

	it("a cough, paper and a quiet hall are no speech", () => {
		const hall = listen();
		const cough = (at: number) => (at < 400 ? -15 : -58);
		expect(hall.for(10_000, cough, { open: false })).not.toContain("closed");
	});

	it("what echo control leaves of the others' voices is no speech of one's own", () => {
		const hall = listen();
		expect(hall.for(5_000, -36, { open: false, others: true })).not.toContain(
			"closed",
		);
		expect(hall.for(5_000, words, { open: false, others: true })).toContain(
			"closed",
		);
	});

	it("one that is open is never told to be closed", () => {
		const hall = listen();
		hall.for(2_000, words, { open: false });
		expect(hall.for(400, words, { open: true })).not.toContain("closed");
	});

	it("an open one that gives nothing for ten seconds is silent, until something comes", () => {
		const hall = listen();
		const said = hall.for(SILENT_MS + 1_000, -80, { open: true });
		expect(said.slice(0, 50)).not.toContain("silent");
		expect(said.at(-1)).toBe("silent");
		expect(hall.for(200, -30, { open: true })).toEqual(["fine"]);
	});

	it("people who listen in a quiet room are not told that their microphone is dead", () => {
		const hall = listen();
		hall.for(2_000, words, { open: true });
		expect(hall.for(60_000, -80, { open: true })).not.toContain("silent");
	});

	it("a switch on the device that cuts it off is noticed all the same", () => {
		const hall = listen();
		hall.for(2_000, words, { open: true });
		const said = hall.for(SILENT_MS + 1_000, Number.NEGATIVE_INFINITY, {
			open: true,
		});
		expect(said.at(-1)).toBe("silent");
	});

	it("the time of silence counts from the moment it was opened", () => {
		const hall = listen();
		hall.for(60_000, -80, { open: false });
		expect(hall.for(SILENT_MS - 400, -80, { open: true })).not.toContain(
			"silent",
		);
	});

	it("another microphone is judged anew", () => {
		const hall = listen();
		hall.for(SILENT_MS + 1_000, -80, { open: true });
		hall.check.reset();
		expect(hall.for(200, -80, { open: true })).toEqual(["fine"]);
	});
});
