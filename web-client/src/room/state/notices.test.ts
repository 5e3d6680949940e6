import { describe, expect, it } from "vitest";
import type { Event } from "@/protocol/generated/Event";
import type { Microphone } from "@/protocol/generated/Microphone";
import type { RoomState as Snapshot } from "@/protocol/generated/RoomState";
import { granted, meeting, person, released, turn } from "@/test/room";
import { encoderLostNotice, noticeOf, recordingNotice } from "./notices";
import { fromSnapshot, type RoomState } from "./state";

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
const told = (you: string, event: Event, before: RoomState = room) =>
	noticeOf(before, { seq: 1, at_us: 1, event }, you)?.key ?? null;

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

describe("about one's own microphone", () => {
	const mine = (
		microphone: Partial<Microphone>,
		floor: Partial<Snapshot> = {},
	) =>
		fromSnapshot(
			meeting({
				participants: [
					person("vinh", { microphone: { ...closed, ...microphone } }),
				],
				...floor,
			}),
			null,
		);
	const closed = { on: false, muted: false, locked: false, granted: false };
	const becomes = (
		before: RoomState,
		microphone: Partial<Microphone>,
		by = "so",
	) =>
		noticeOf(
			before,
			{
				seq: 1,
				at_us: 0,
				event: {
					type: "microphone_changed",
					participant: "vinh",
					microphone: { ...closed, ...microphone },
					by,
				},
			},
			"vinh",
		)?.key ?? null;

	it("unlocking says in words whether it is open again or still closed", () => {
		const locked = { locked: true };
		expect(becomes(mine(locked), {})).toBe("mic_unlocked");
		expect(becomes(mine({ ...locked, on: true }), { on: true })).toBe(
			"mic_unlocked_open",
		);
	});

	it("what a turn of others had closed is told when it is open again", () => {
		expect(becomes(mine({ on: true, muted: true }), { on: true })).toBe(
			"mic_open_again",
		);
	});

	it("the opening after an announcement is told, and one's own doings are not", () => {
		const announced = {
			floor: "vinh",
			turn: turn({ opens_at_us: 3 }),
		};
		expect(becomes(mine({}, announced), { granted: true })).toBe("floor_mine");
		expect(
			becomes(mine({ locked: true, on: true }), { on: true }, "vinh"),
		).toBeNull();
	});

	it("the end of a turn says whether the microphone stays open", () => {
		const over = (on: boolean, change: Parameters<typeof released>[1] = {}) =>
			told("vinh", released("vinh", change), {
				...room,
				participants: {
					vinh: person("vinh", {
						microphone: { ...closed, on, granted: true },
					}),
				},
			});
		expect(over(false)).toBe("floor_over");
		expect(over(true)).toBe("floor_over_open");
		expect(over(false, { declined: true })).toBe("floor_declined");
		expect(over(false, { expired: true })).toBe("floor_expired");
		expect(over(true, { expired: true })).toBe("floor_over_open");
	});

	it("an announced turn is not said to be open already", () => {
		const called = (opens_at_us: number | null): Event =>
			granted("vinh", "so", { opens_at_us });
		expect(told("vinh", called(null))).toBe("floor_mine");
		expect(told("vinh", called(3_000_000))).toBeNull();
		expect(told("so", called(3_000_000))).toBe("floor_other");
	});

	it("a minute more is told to who speaks", () => {
		const moved: Event = { type: "turn_end_moved", ends_at_us: 9 };
		const speaks = {
			...room,
			floor: fromSnapshot(meeting({ floor: "vinh", turn: turn() }), null).floor,
		};
		expect(told("vinh", moved, speaks)).toBe("floor_extended");
		expect(told("so", moved, speaks)).toBeNull();
	});

	it("being next is told to whom it concerns", () => {
		const next: Event = { type: "next_changed", participant: "vinh" };
		expect(told("vinh", next)).toBe("next_mine");
		expect(told("so", next)).toBeNull();
	});
});

describe("about the recording", () => {
	it("says until when it is kept, also before it has begun by itself", () => {
		const session = {
			...meeting().session,
			auto_record: true,
			recording_kept_until_us: Date.UTC(2028, 10, 17) * 1000,
		};
		const off = fromSnapshot(meeting({ session }), null);
		expect(recordingNotice(off)).toMatchObject({
			key: "recording_auto_until",
			params: { date: "17/11/2028" },
		});
		expect(recordingNotice({ ...off, recording: "on" }).key).toBe(
			"recording_on_until",
		);
		const forEver = fromSnapshot(meeting({ recording: "on" }), null);
		expect(recordingNotice(forEver).key).toBe("recording_on_kept");
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
