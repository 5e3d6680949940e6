import { describe, expect, it } from "vitest";
import type { Event } from "../protocol/generated/Event";
import { meeting, person } from "../test/room";
import { encoderLostNotice, noticeOf } from "./notices";
import { fromSnapshot } from "./state";

const room = fromSnapshot(
	meeting({
		participants: [
			person("so", { role: "chair" }),
			person("thu", { role: "secretary" }),
			person("vinh"),
		],
	}),
	null,
);

/** What somebody is told about an event. */
const told = (you: string, event: Event) =>
	noticeOf(room, { seq: 1, at_us: 1, event }, you)?.key ?? null;

describe("about the chair", () => {
	it("the secretary alone is told that the chair is away, and back", () => {
		const away: Event = { type: "chair_away_changed", away: true };
		const back: Event = { type: "chair_away_changed", away: false };
		expect(told("thu", away)).toBe("chair_away");
		expect(told("thu", back)).toBe("chair_back");
		expect(told("vinh", away)).toBeNull();
		expect(told("so", back)).toBeNull();
	});

	it("who gives the chair over is told to whom it passed, and who gets it that it is theirs", () => {
		const gives: Event = {
			type: "role_changed",
			participant: "so",
			role: "secretary",
		};
		expect(told("so", gives)).toBe("chair_passed");
		expect(told("vinh", gives)).toBeNull();
		const gets: Event = {
			type: "role_changed",
			participant: "thu",
			role: "chair",
		};
		expect(told("thu", gets)).toBe("role_chair");
	});
});

describe("about an encoder", () => {
	it("chair and secretary are told which it is, what is wrong and the code for support", () => {
		const lost = encoderLostNotice(
			room,
			"vinh",
			"certificate_refused",
			"its RSA key has 1024 bits",
		);
		expect(lost.key).toBe("encoder_handshake");
		expect(lost.params).toMatchObject({
			name: "vinh",
			detail: "certificate_refused: its RSA key has 1024 bits",
		});
		expect(lost.stays).toBe(true);
		const far = encoderLostNotice(room, "vinh", "never_reached");
		expect(far.key).toBe("encoder_unreached");
		expect(far.params.detail).toBe("never_reached");
	});
});
