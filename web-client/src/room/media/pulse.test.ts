import { describe, expect, it } from "vitest";
import { type Signs, silenceOf } from "./pulse";

/** A link on which everything flows until it is cut at 10 s, looked at five seconds long, twice a second. */
function cut({
	signs = {} as Partial<Signs>,
	signalingLives = false,
	mediaLives = false,
	iceLives = false,
	events = [] as number[],
}) {
	const heartbeatMs = signs.heartbeatMs ?? 1_000;
	const seen: { at: number; what: string }[] = [];
	const every = (ms: number, now: number, lives: boolean) => {
		const until = lives ? now : Math.min(now, 10_000);
		return Math.floor(until / ms) * ms;
	};
	for (let now = 8_000; now <= 20_000; now += 500) {
		const change = events.filter((at) => at <= now).at(-1) ?? null;
		const silence = silenceOf(
			{
				frameMs: Math.max(
					every(heartbeatMs, now, signalingLives),
					signalingLives ? (change ?? 0) : 0,
				),
				heartbeatMs,
				mediaUp: true,
				rtpMs: every(20, now, mediaLives),
				iceMs: every(2_500, now, iceLives),
				changeMs: change,
				...signs,
			},
			now,
		);
		if (silence) seen.push({ at: now, what: silence.what });
	}
	return seen;
}

describe("the pulse of a link", () => {
	it("is there while everything flows, and never missed", () => {
		const all = { signalingLives: true, mediaLives: true, iceLives: true };
		expect(cut(all)).toEqual([]);
		expect(cut({ ...all, signs: { heartbeatMs: 5_000 } })).toEqual([]);
	});

	it("a speaker's cable is noticed within two seconds, by both", () => {
		const [first] = cut({});
		expect(first).toEqual({ at: 11_500, what: "both" });
	});

	it("a listener's cable is noticed within two seconds, by media", () => {
		const [first] = cut({ signs: { heartbeatMs: 5_000 } });
		expect(first).toEqual({ at: 11_500, what: "both" });
	});

	it("signaling that is cut alone is noticed in two seconds by who may speak", () => {
		const seen = cut({ mediaLives: true, iceLives: true });
		expect(seen[0]).toEqual({ at: 12_000, what: "signaling" });
		expect(seen.every(({ what }) => what === "signaling")).toBe(true);
	});

	it("and in a heartbeat and a moment by who listens", () => {
		const signs = { heartbeatMs: 5_000 };
		const [first] = cut({ signs, mediaLives: true, iceLives: true });
		expect(first).toEqual({ at: 16_000, what: "signaling" });
	});

	it("media that are cut alone are told as such", () => {
		const seen = cut({ signalingLives: true });
		expect(seen[0]).toEqual({ at: 11_500, what: "media" });
	});

	it("a room that falls silent because the last microphone closed is no broken link", () => {
		expect(
			cut({ signalingLives: true, iceLives: true, events: [9_990] }),
		).toEqual([]);
	});

	it("who never got any media is judged by signaling alone", () => {
		const never: Partial<Signs> = { rtpMs: null };
		expect(cut({ signalingLives: true, signs: never })).toEqual([]);
		expect(cut({ signs: never })[0]).toEqual({ at: 12_000, what: "signaling" });
	});
});
