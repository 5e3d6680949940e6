import { describe, expect, it } from "vitest";
import { at, session } from "@/test/session";
import { arrange } from "./arrange";

const now = at("2026-11-17T07:48");

describe("the day of a person", () => {
	it("begins with the live session, even if another is nearer in time", () => {
		const live = session({
			code: "live",
			state: "live",
			starts_at_us: at("2026-11-17T06:00"),
		});
		const soon = session({
			code: "soon",
			my_role: "chair",
			starts_at_us: at("2026-11-17T08:00"),
		});
		const { at: next, today } = arrange([soon, live], now);
		expect(next?.code).toBe("live");
		expect(today.map(({ code }) => code)).toEqual(["soon"]);
	});

	it("prefers a session one takes part in to one that is only visible", () => {
		const others = session({ code: "others", state: "live", my_role: null });
		const own = session({ code: "own", state: "live" });
		expect(arrange([others, own], now).at?.code).toBe("own");
	});

	it("passes over what is over or called off", () => {
		const over = session({
			code: "over",
			state: "ended",
			starts_at_us: at("2026-11-17T05:00"),
		});
		const off = session({ code: "off", state: "cancelled" });
		const { at: next, today } = arrange([over, off], now);
		expect(next).toBeUndefined();
		expect(today.map(({ code }) => code)).toEqual(["over", "off"]);
	});

	it("counts a night session to both days", () => {
		const night = session({
			state: "live",
			starts_at_us: at("2026-11-16T22:00"),
			ends_at_us: at("2026-11-17T08:00"),
		});
		expect(arrange([night], now).at).toBe(night);
	});

	it("groups the days ahead, and offers recordings latest first", () => {
		const sessions = [
			session({ code: "d1b", starts_at_us: at("2026-11-18T14:00") }),
			session({ code: "d3", starts_at_us: at("2026-11-20T08:00") }),
			session({ code: "d1a", starts_at_us: at("2026-11-18T08:00") }),
			session({
				code: "old",
				state: "ended",
				has_recording: true,
				starts_at_us: at("2026-11-10T08:00"),
			}),
			session({
				code: "newer",
				state: "ended",
				has_recording: true,
				starts_at_us: at("2026-11-12T08:00"),
			}),
			session({
				code: "unrecorded",
				state: "ended",
				starts_at_us: at("2026-11-13T08:00"),
			}),
		];
		const { later, replay } = arrange(sessions, now);
		expect(
			later.map(({ sessions }) => sessions.map(({ code }) => code)),
		).toEqual([["d1a", "d1b"], ["d3"]]);
		expect(replay.map(({ code }) => code)).toEqual(["newer", "old"]);
	});
});
