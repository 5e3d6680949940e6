import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { EventFrame } from "@/protocol/generated/EventFrame";
import type { ParticipantId } from "@/protocol/generated/ParticipantId";
import type { RoomState as Snapshot } from "@/protocol/generated/RoomState";
import { queueOf } from "./selectors";
import { fromSnapshot, type RoomState, reduce } from "./state";

/** A room as its clients see it: the first and the last line of a vector. */
interface Seen {
	room: Snapshot;
	over: boolean;
	/** Whose hands are up, as everybody orders them. */
	queue: ParticipantId[];
}

/** The journals that hold this reducer and the server's together; `signaling/core/tests/vectors.rs` reads them too. */
const folder = "../signaling/protocol/fixtures/journals";

const vectors = readdirSync(folder).map((name) => {
	const lines = readFileSync(`${folder}/${name}`, "utf8")
		.trim()
		.split("\n")
		.map((line): unknown => JSON.parse(line));
	return {
		name,
		before: lines[0] as Seen,
		events: lines.slice(1, -1) as EventFrame[],
		after: lines.at(-1) as Seen,
	};
});

/** What of this page's state the server's snapshot says too; participants by their ids. */
function seen(state: RoomState) {
	return {
		room: {
			session: state.session,
			seats: state.seats,
			participants: state.participants,
			hands: state.hands.map(({ participant, sinceUs, topic }) => ({
				participant,
				since_us: sinceUs,
				topic,
			})),
			unheard_first: state.unheardFirst,
			heard: state.heard,
			turn_length: state.turnLength,
			floor: state.floor?.participant ?? null,
			turn: state.floor && {
				since_us: state.floor.sinceUs,
				opens_at_us: state.floor.opensAtUs,
				ends_at_us: state.floor.endsAtUs,
				topic: state.floor.topic,
			},
			next: state.next,
			broadcast: state.broadcast,
			screen: state.screen,
			screen_locked_to: state.screenLockedTo,
			all_locked: state.allLocked,
			chair_away: state.chairAway,
			recording: state.recording,
			chat: state.chat,
			older_chat: state.olderChat,
			removed: state.removed,
			viewers: state.viewers,
		},
		over: state.ended,
		queue: queueOf(state).map(({ participant }) => participant),
	};
}

function expected({ room, over, queue }: Seen): ReturnType<typeof seen> {
	return {
		room: {
			...room,
			participants: Object.fromEntries(room.participants.map((p) => [p.id, p])),
		},
		over,
		queue,
	};
}

describe("journals shared with the server", () => {
	it.each(vectors)(
		"$name leads to the room that its last line says",
		({ before, events, after }) => {
			const state = events.reduce(reduce, fromSnapshot(before.room, null));
			expect(seen(state)).toEqual(expected(after));
		},
	);

	it.each(vectors)(
		"$name is taken up anywhere from a snapshot",
		({ before, events, after }) => {
			for (const at of events.keys()) {
				const half = events
					.slice(0, at)
					.reduce(reduce, fromSnapshot(before.room, null));
				const { room, over } = seen(half);
				const participants = Object.values(room.participants);
				const again = fromSnapshot({ ...room, participants } as Snapshot, null);
				const state = events
					.slice(at)
					.reduce(reduce, { ...again, ended: over });
				expect(seen(state)).toEqual(expected(after));
			}
		},
	);
});
