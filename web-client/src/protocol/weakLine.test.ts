import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { weakLossPercent, weakRttMs } from "./weakLine";

test("a weak line is weak for the server and for the page alike", () => {
	const fixture = JSON.parse(
		readFileSync("../signaling/protocol/fixtures/weak_line.json", "utf8"),
	);
	expect({ loss_percent: weakLossPercent, rtt_ms: weakRttMs }).toEqual(fixture);
});
