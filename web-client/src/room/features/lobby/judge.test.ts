import { describe, expect, it } from "vitest";
import { type Findings, judge } from "./judge";

const fine: Findings = {
	publishes: true,
	server: { state: "reached", rttMs: 20 },
	camera: null,
	microphone: null,
	opening: false,
	silent: false,
};

describe("the verdict of the device check", () => {
	it("is that all is well", () => {
		expect(judge(fine).key).toBe("ready");
	});

	it("names the worst fault first, with its remedy", () => {
		const verdict = judge({
			...fine,
			camera: { device: "camera", cause: "busy" },
			microphone: { device: "microphone", cause: "blocked_browser" },
		});
		expect(verdict).toMatchObject({
			key: "noSound",
			fault: { device: "microphone", cause: "blocked_browser" },
		});
	});

	it("is that nobody gets in while the server does not answer", () => {
		expect(
			judge({ ...fine, server: { state: "unreachable" }, silent: true }).key,
		).toBe("unreachable");
	});

	it("does not ask a viewer for a microphone", () => {
		expect(judge({ ...fine, publishes: false, silent: true }).key).toBe(
			"ready",
		);
	});

	it("warns of a slow way and of a silent microphone", () => {
		expect(
			judge({ ...fine, server: { state: "reached", rttMs: 900 } }).key,
		).toBe("slow");
		expect(judge({ ...fine, silent: true }).key).toBe("silent");
	});
});
