import { describe, expect, it } from "vitest";
import type { LinkReport } from "@/protocol/generated/LinkReport";
import type { PointHistory } from "@/protocol/generated/PointHistory";
import type { PointStatus } from "@/protocol/generated/PointStatus";
import { link } from "@/test/link";
import { lostIn, outsideIn, totalOf, worstFirst } from "./board";

const point = (
	code: string,
	state: PointStatus["state"],
	measured: LinkReport | null = state === "good" || state === "weak"
		? link()
		: null,
): PointStatus => ({
	point: { number: Number(code.slice(3)), code, name: code },
	main: false,
	unit: { code, name: code },
	state,
	session: null,
	last_seen_us: null,
	link: measured,
});

describe("the board", () => {
	it("has the worst on top and keeps equals in the order of their numbers", () => {
		const order = worstFirst([
			point("DC-10", "good"),
			point("DC-03", "idle"),
			point("DC-02", "good"),
			point("DC-07", "weak", link({ ingress_loss_percent: 4 })),
			point("DC-21", "weak", link({ ingress_loss_percent: 9 })),
			point("DC-11", "lost"),
		]);
		expect(order.map(({ point: { code } }) => code)).toEqual([
			"DC-11",
			"DC-21",
			"DC-07",
			"DC-02",
			"DC-10",
			"DC-03",
		]);
	});

	it("does not reorder rows for a trifle", () => {
		const order = worstFirst([
			point("DC-01", "good", link({ rtt_ms: 30 })),
			point("DC-02", "good", link({ rtt_ms: 60 })),
		]);
		expect(order.map(({ point: { code } }) => code)).toEqual([
			"DC-01",
			"DC-02",
		]);
	});
});

describe("the history of a point", () => {
	const history: PointHistory = {
		from_us: 0,
		to_us: 100,
		step_us: 10,
		steps: [],
		spans: [
			{ from_us: 10, to_us: 30, state: "in_session", session: "A" },
			{ from_us: 30, to_us: 35, state: "lost", session: "A" },
			{ from_us: 35, to_us: 40, state: "in_session", session: "A" },
			{ from_us: 60, to_us: 90, state: "in_session", session: "B" },
		],
	};

	it("is lost only within a session; between sessions it is in none", () => {
		expect(lostIn(history)).toEqual([{ fromUs: 30, toUs: 35 }]);
		expect(outsideIn(history)).toEqual([
			{ fromUs: 0, toUs: 10 },
			{ fromUs: 40, toUs: 60 },
			{ fromUs: 90, toUs: 100 },
		]);
		expect(totalOf(outsideIn(history))).toBe(40);
		expect(outsideIn({ ...history, spans: [] })).toEqual([
			{ fromUs: 0, toUs: 100 },
		]);
	});
});
