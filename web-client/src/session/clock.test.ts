import { describe, expect, it } from "vitest";
import { createServerClock } from "./clock";
import { createServer } from "./server";

const noon = Date.parse("2026-11-17T12:00:00Z");

describe("the server's clock", () => {
	const setUp = () => {
		const hands = { device: noon - 3 * 86_400_000, monotonic: 5_000 };
		const clock = createServerClock(
			() => hands.device,
			() => hands.monotonic,
		);
		return { hands, clock, ms: () => clock.nowUs() / 1_000 - noon };
	};

	it("is the device's until the server has said the time", () => {
		const { clock, ms } = setUp();
		expect(ms()).toBe(-3 * 86_400_000);
		clock.hear("Tue, 17 Nov 2026 12:00:00 GMT");
		expect(ms()).toBe(500);
	});

	it("goes on by itself, whatever somebody sets the device's to", () => {
		const { hands, clock, ms } = setUp();
		clock.hear("Tue, 17 Nov 2026 12:00:00 GMT");
		hands.monotonic += 60_000;
		hands.device = 0;
		expect(ms()).toBe(60_500);
	});

	it("does not jump by the fractions that are cut off, and follows a real step", () => {
		const { hands, clock, ms } = setUp();
		clock.hear("Tue, 17 Nov 2026 12:00:00 GMT");
		hands.monotonic += 900;
		clock.hear("Tue, 17 Nov 2026 12:00:00 GMT");
		clock.hear("Tue, 17 Nov 2026 12:00:01 GMT");
		clock.hear("nonsense");
		clock.hear(null);
		expect(ms()).toBe(1_400);
		// The machine slept, and its monotonic clock with it.
		clock.hear("Tue, 17 Nov 2026 14:00:00 GMT");
		expect(ms()).toBe(2 * 3_600_000 + 500);
	});

	it("hears every answer of the server, refusals too", async () => {
		const date = "Tue, 17 Nov 2026 12:00:00 GMT";
		const server = createServer(
			async () => new Response("{}", { status: 403, headers: { date } }),
		);
		await server.send("GET", "sessions/X").catch(() => undefined);
		expect(Math.abs(server.nowUs() / 1_000 - noon - 500)).toBeLessThan(1_000);
	});
});
