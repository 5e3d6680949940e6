import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createReach } from "./reach";

beforeEach(() => {
	vi.useFakeTimers();
});
afterEach(() => {
	vi.useRealTimers();
});

/** A watch on a clock that stands at one second, and how often it told of a change. */
function watch() {
	const told = vi.fn();
	const reach = createReach(() => 1_000_000);
	reach.subscribe(told);
	return { reach, told, state: () => reach.current().state };
}

describe("the way to the server", () => {
	it("is silent after four seconds without an answer, and open again with the next", () => {
		const { reach, told, state } = watch();
		reach.heard(200);
		const over = reach.asked();
		vi.advanceTimersByTime(3_900);
		expect(state()).toBe("reached");
		vi.advanceTimersByTime(200);
		expect(reach.current()).toEqual({ state: "silent", heardUs: 1_000_000 });
		over();
		expect(state()).toBe("silent");
		reach.heard(200);
		expect(state()).toBe("reached");
		expect(told).toHaveBeenCalledTimes(2);
	});

	it("is open while anything is answered, however late the rest", () => {
		const { reach, state } = watch();
		reach.asked();
		vi.advanceTimersByTime(3_000);
		reach.heard(200);
		vi.advanceTimersByTime(10_000);
		expect(state()).toBe("reached");
	});

	it("is not judged by a question that was taken back", () => {
		const { reach, told } = watch();
		reach.asked()();
		vi.advanceTimersByTime(10_000);
		expect(told).not.toHaveBeenCalled();
	});

	it("tells a server that cannot answer from one that is out of reach; a refusal is an answer", () => {
		const { reach, state } = watch();
		for (const [status, expected] of [
			[503, "failing"],
			[403, "reached"],
			[502, "failing"],
			[404, "reached"],
			[504, "failing"],
		] as const) {
			reach.heard(status);
			expect(state(), String(status)).toBe(expected);
		}
		reach.lost();
		expect(state()).toBe("silent");
	});
});
