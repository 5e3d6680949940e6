import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Slot } from "../state/store";
import { ReceiveLines } from "./receiveLines";

const line = (mid: string): Slot => ({
	mid,
	kind: "stage",
	track: null,
	paused: null,
});

describe("the receive lines", () => {
	let shown: Readonly<Record<string, Slot>>;
	let mediaUp: boolean;
	let lines: ReceiveLines;

	beforeEach(() => {
		vi.useFakeTimers();
		shown = {};
		mediaUp = true;
		lines = new ReceiveLines({
			shown: () => shown,
			show: (now) => {
				shown = now;
			},
			mediaUp: () => mediaUp,
		});
		lines.assigned(line("1"));
		lines.assigned(line("2"));
	});
	afterEach(() => vi.useRealTimers());

	it("keep what they showed over a break, and forget what is not assigned anew soon after it", () => {
		lines.renewed();
		expect(Object.keys(shown)).toEqual(["1", "2"]);
		lines.assigned(line("2"));
		lines.flowing();
		vi.advanceTimersByTime(2_900);
		expect(Object.keys(shown)).toEqual(["1", "2"]);
		vi.advanceTimersByTime(200);
		expect(Object.keys(shown)).toEqual(["2"]);
	});

	it("forget nothing when media are gone again, nor without a break", () => {
		lines.flowing();
		vi.advanceTimersByTime(5_000);
		expect(Object.keys(shown)).toEqual(["1", "2"]);
		lines.renewed();
		lines.flowing();
		mediaUp = false;
		vi.advanceTimersByTime(5_000);
		expect(Object.keys(shown)).toEqual(["1", "2"]);
	});
});
