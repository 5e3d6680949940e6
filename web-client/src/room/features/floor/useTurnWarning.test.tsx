import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { meeting, person, renderInRoom, turn } from "@/test/room";
import { useTurnWarning } from "./useTurnWarning";

function Warned() {
	useTurnWarning();
	return null;
}

/** Quế Phong speaks and has so long left. */
const speaking = (leftS: number, wholeS = 180) =>
	meeting({
		floor: "qp",
		turn: turn({
			since_us: (Date.now() / 1000 - (wholeS - leftS)) * 1e6,
			ends_at_us: (Date.now() / 1000 + leftS) * 1e6,
		}),
		participants: [
			person("so", { seat: 1, role: "chair" }),
			person("vinh", { name: "Vinh", seat: 2 }),
			person("qp", { name: "Quế Phong", seat: 3 }),
		],
	});

describe("the end of a turn", () => {
	beforeEach(() => {
		vi.useFakeTimers({ now: Date.UTC(2026, 10, 20, 1) });
	});
	afterEach(() => {
		vi.useRealTimers();
	});

	it.each([
		["qp", "turn_nearly_over"],
		["so", "turn_nearly_over_of"],
		["vinh", null],
	])("is told to %s half a minute before, once", async (you, key) => {
		const { notify } = await renderInRoom(<Warned />, you, speaking(90));
		vi.advanceTimersByTime(59_000);
		expect(notify).not.toHaveBeenCalled();
		vi.advanceTimersByTime(60_000);
		expect(notify.mock.calls.map(([notice]) => notice.key)).toEqual(
			key === null ? [] : [key],
		);
	});

	it("is not told again to whoever comes within the last half minute, nor of a turn that is no longer than that", async () => {
		for (const late of [speaking(20), speaking(30, 30)]) {
			const { notify, unmount } = await renderInRoom(<Warned />, "qp", late);
			vi.advanceTimersByTime(60_000);
			expect(notify).not.toHaveBeenCalled();
			unmount();
		}
	});
});
