import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { link } from "@/test/link";
import { isWeak, weakLossPercent, weaknessOf, weakRttMs } from "./weakLine";

const fixture: { loss_percent: number; rtt_ms: number } = JSON.parse(
	readFileSync("../signaling/protocol/fixtures/weak_line.json", "utf8"),
);

describe("a weak line", () => {
	it("is weak for the server and for the page alike", () => {
		expect({ loss_percent: weakLossPercent, rtt_ms: weakRttMs }).toEqual(
			fixture,
		);
		const { loss_percent, rtt_ms } = fixture;
		for (const [part, weak] of [
			[{}, false],
			[{ rtt_ms: null, path: null }, false],
			[{ ingress_loss_percent: loss_percent }, false],
			[{ ingress_loss_percent: loss_percent + 0.1 }, true],
			[{ egress_loss_percent: loss_percent }, false],
			[{ egress_loss_percent: loss_percent + 0.1 }, true],
			[{ rtt_ms }, false],
			[{ rtt_ms: rtt_ms + 1 }, true],
			[{ path: "tcp" }, true],
			[{ path: "tls" }, true],
		] as const) {
			expect(isWeak(link(part)), JSON.stringify(part)).toBe(weak);
		}
	});

	it("suffers from what is worst, and from its path when nothing else is wrong", () => {
		expect(weaknessOf(link({ egress_loss_percent: 4 }))).toBe("loss");
		expect(weaknessOf(link({ rtt_ms: 350 }))).toBe("rtt");
		expect(weaknessOf(link({ rtt_ms: 900, egress_loss_percent: 4 }))).toBe(
			"rtt",
		);
		expect(weaknessOf(link({ path: "tls", egress_loss_percent: 4 }))).toBe(
			"loss",
		);
		expect(weaknessOf(link({ path: "tcp" }))).toBe("tcp");
		expect(weaknessOf(link({ path: "tls" }))).toBe("tls");
		expect(weaknessOf(link())).toBeNull();
	});
});
