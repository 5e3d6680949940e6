import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Slot } from "../state/store";
import { ReceiveSlots } from "./receiveSlots";

const slot = (mid: string): Slot => ({
	mid,
	kind: "stage",
	track: null,
	paused: null,
});

describe("the slots of one viewer", () => {
	let shown: Readonly<Record<string, Slot>>;
	let mediaUp: boolean;
	let slots: ReceiveSlots;

	beforeEach(() => {
		vi.useFakeTimers();
		shown = {};
		mediaUp = true;
		slots = new ReceiveSlots({
			shown: () => shown,
			show: (now) => {
				shown = now;
			},
			mediaUp: () => mediaUp,
		});
		slots.assigned(slot("1"));
		slots.assigned(slot("2"));
	});
	afterEach(() => vi.useRealTimers());

	it("keep what they showed over a break, and forget what is not assigned anew soon after it", () => {
		slots.renewed();
		expect(Object.keys(shown)).toEqual(["1", "2"]);
		slots.assigned(slot("2"));
		slots.flowing();
		vi.advanceTimersByTime(2_900);
		expect(Object.keys(shown)).toEqual(["1", "2"]);
		vi.advanceTimersByTime(200);
		expect(Object.keys(shown)).toEqual(["2"]);
	});

	it("forget nothing when media are gone again, nor without a break", () => {
		slots.flowing();
		vi.advanceTimersByTime(5_000);
		expect(Object.keys(shown)).toEqual(["1", "2"]);
		slots.renewed();
		slots.flowing();
		mediaUp = false;
		vi.advanceTimersByTime(5_000);
		expect(Object.keys(shown)).toEqual(["1", "2"]);
	});

	it("keep what they showed over a second break soon after the first, for as long", () => {
		slots.renewed();
		slots.flowing();
		vi.advanceTimersByTime(2_000);
		slots.renewed();
		slots.flowing();
		vi.advanceTimersByTime(2_900);
		expect(Object.keys(shown)).toEqual(["1", "2"]);
		vi.advanceTimersByTime(200);
		expect(Object.keys(shown)).toEqual([]);
	});
});
