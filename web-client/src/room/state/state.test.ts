import { describe, expect, it } from "vitest";
import type { Event } from "@/protocol/generated/Event";
import type { EventFrame } from "@/protocol/generated/EventFrame";
import type { Participant } from "@/protocol/generated/Participant";
import type { ServerFrame } from "@/protocol/generated/ServerFrame";
import { granted, released } from "@/test/room";
import { byRoleAndName, placesOf } from "./selectors";
import { fromSnapshot, type RoomState, reduce } from "./state";

const fixtures = import.meta.glob<ServerFrame>(
	"../../../../signaling/protocol/fixtures/server.*.json",
	{ eager: true, import: "default" },
);

function fixture(name: string): ServerFrame {
	const frame = fixtures[`../../../../signaling/protocol/fixtures/${name}`];
	if (!frame) throw new Error(`no fixture ${name}`);
	return frame;
}

const eventFixtures = Object.keys(fixtures)
	.map((path) => path.slice(path.lastIndexOf("/") + 1))
	.filter((name) => name.startsWith("server.event."));

function person(id: string, change: Partial<Participant> = {}): Participant {
	return {
		id,
		name: id,
		role: "point",
		bridge_point: null,
		seat: null,
		connection: "connected",
		microphone: {
			on: true,
			muted: false,
			locked: false,
			granted: false,
		},
		camera_on: true,
		encoder: false,
		...change,
	};
}

function room(...participants: Participant[]): RoomState {
	return fromSnapshot(
		{
			session: {
				id: "s",
				code: "GB-11",
				title: "Giao ban tháng 11",
				kind: "meeting",
				preset: "discussion",
				starts_at_us: 0,
				ends_at_us: 1,
				opened_at_us: null,
				auto_record: false,
				recording_kept_until_us: null,
			},
			seats: [
				{
					number: 2,
					bridge_point: "b2",
					code: "DC-02",
					name: "Vinh",
					main: false,
				},
				{
					number: 1,
					bridge_point: "b1",
					code: "DC-01",
					name: "Sở GD&ĐT",
					main: true,
				},
			],
			participants,
			hands: [],
			unheard_first: false,
			heard: [],
			turn_length: null,
			floor: null,
			turn: null,
			next: null,
			broadcast: null,
			screen: null,
			screen_locked_to: null,
			all_locked: false,
			chair_away: false,
			recording: "off",
			chat: [],
			older_chat: false,
			removed: [],
			viewers: 0,
		},
		null,
	);
}

function happened(state: RoomState, ...events: Event[]): RoomState {
	return events.reduce(
		(current, event, index) =>
			reduce(current, { seq: index + 1, at_us: 1_000 + index, event }),
		state,
	);
}

describe("reduce", () => {
	it.each(eventFixtures)("understands %s as the server writes it", (name) => {
		const frame = fixture(name);
		if (frame.type !== "event") throw new Error(`${name} is not an event`);
		const before = room(person("an"));
		const frozen = structuredClone(before);
		expect(() => reduce(before, frame as EventFrame)).not.toThrow();
		expect(before).toEqual(frozen);
	});

	it("has a fixture for every kind of event", () => {
		const kinds: Record<Event["type"], true> = {
			room_opened: true,
			session_changed: true,
			preset_changed: true,
			participant_joined: true,
			connection_changed: true,
			participant_left: true,
			role_changed: true,
			microphone_changed: true,
			all_locked: true,
			chair_away_changed: true,
			camera_changed: true,
			screen_changed: true,
			screen_locked: true,
			hand_raised: true,
			hand_lowered: true,
			chat_sent: true,
			floor_granted: true,
			floor_released: true,
			turn_length_changed: true,
			turn_end_moved: true,
			queue_order_changed: true,
			topic_changed: true,
			broadcast_changed: true,
			recording_changed: true,
			viewers_changed: true,
			session_ended: true,
			next_changed: true,
			participant_readmitted: true,
		};
		for (const kind of Object.keys(kinds)) {
			expect(eventFixtures).toContain(`server.event.${kind}.json`);
		}
	});

	it("keeps a dropped point in its seat, with the time of the break", () => {
		const state = happened(room(person("vinh", { seat: 2 })), {
			type: "connection_changed",
			participant: "vinh",
			connection: "reconnecting",
		});
		expect(placesOf(state)[1]?.occupant).toBe("vinh");
		expect(state.lostAtUs).toEqual({ vinh: 1_000 });
		const back = happened(state, {
			type: "connection_changed",
			participant: "vinh",
			connection: "connected",
		});
		expect(back.lostAtUs).toEqual({});
	});

	it("takes everything from somebody who leaves: hand, floor, screen, broadcast", () => {
		const state = happened(
			room(person("an"), person("binh")),
			{ type: "hand_raised", participant: "an" },
			{ type: "hand_raised", participant: "binh" },
			granted("an", "binh"),
			{ type: "screen_changed", participant: "an" },
			{ type: "broadcast_changed", participant: "an" },
			{ type: "participant_left", participant: "an", reason: "left" },
		);
		expect(state.hands.map((hand) => hand.participant)).toEqual(["binh"]);
		expect(state).toMatchObject({ floor: null, screen: null, broadcast: null });
	});

	it("puts a hand that goes up again at the end of the queue", () => {
		const state = happened(
			room(person("an"), person("binh")),
			{ type: "hand_raised", participant: "an" },
			{ type: "hand_raised", participant: "binh" },
			{ type: "hand_lowered", participant: "an" },
			{ type: "hand_raised", participant: "an" },
		);
		expect(state.hands.map((hand) => hand.participant)).toEqual(["binh", "an"]);
	});

	it("does not take the floor from its holder when an earlier one is released late", () => {
		const state = happened(
			room(person("an"), person("binh")),
			granted("an", "x"),
			granted("binh", "x"),
			released("an"),
		);
		expect(state.floor?.participant).toBe("binh");
	});

	it("changes nothing for a participant who is not here", () => {
		const before = room(person("an"));
		expect(
			happened(before, {
				type: "camera_changed",
				participant: "ma",
				on: false,
			}),
		).toBe(before);
	});

	it("keeps the last 500 chat lines and knows that there were more", () => {
		let state = room(person("an"));
		for (let line = 0; line < 505; line += 1) {
			state = happened(state, {
				type: "chat_sent",
				message: {
					id: String(line),
					from: "an",
					name: "An",
					bridge_point: null,
					text: "vâng",
					at_us: line,
				},
			});
		}
		expect(state.chat).toHaveLength(500);
		expect(state.chat[0]?.id).toBe("5");
		expect(state.olderChat).toBe(true);
	});
});

describe("the wall", () => {
	it("has every invited point in seat order, absent ones too, and then those without a seat", () => {
		const state = room(
			person("chu-toa", { role: "chair" }),
			person("vinh", { seat: 2 }),
		);
		expect(
			placesOf(state).map(({ seat, occupant }) => [
				seat?.number ?? null,
				occupant,
			]),
		).toEqual([
			[1, null],
			[2, "vinh"],
			[null, "chu-toa"],
		]);
	});

	it("shows no place for those who only watch", () => {
		expect(placesOf(room(person("khach", { role: "viewer" })))).toHaveLength(2);
	});

	it("orders people by given name, the last word, as Vietnamese lists do", () => {
		const names = ["Lô Thị Hằng", "Vi Văn Anh", "Đặng Kim Oanh"];
		const people = names.map((name) =>
			person(name, { name, role: "presenter" }),
		);
		expect(people.sort(byRoleAndName).map(({ name }) => name)).toEqual([
			"Vi Văn Anh",
			"Lô Thị Hằng",
			"Đặng Kim Oanh",
		]);
	});
});
