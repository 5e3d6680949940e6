import { expect, it } from "vitest";
import { readDay, showDay, todayOf } from "./days";

it("reads a day as people type it and refuses what the calendar has not", () => {
	for (const [typed, day] of [
		["1/9/2026", "2026-09-01"],
		[" 01.09.2026 ", "2026-09-01"],
		["29-2-2028", "2028-02-29"],
		["29/2/2026", null],
		["31/02/1985", null],
		["2026-09-01", null],
		["1/9/26", null],
		["", null],
	] as const) {
		expect(readDay(typed), typed).toBe(day);
	}
	expect(showDay("2026-09-01")).toBe("01/09/2026");
});

it("begins the day at midnight in Viet Nam", () => {
	expect(todayOf(Date.UTC(2026, 10, 21, 17) * 1_000)).toBe("2026-11-22");
	expect(todayOf((Date.UTC(2026, 10, 21, 17) - 1) * 1_000)).toBe("2026-11-21");
});
