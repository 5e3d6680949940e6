import type { ChatMessage } from "@/protocol/generated/ChatMessage";
import type { Event } from "@/protocol/generated/Event";
import type { EventFrame } from "@/protocol/generated/EventFrame";
import type { Heard } from "@/protocol/generated/Heard";
import type { JournalTrouble } from "@/protocol/generated/JournalTrouble";
import type { Participant } from "@/protocol/generated/Participant";
import type { ParticipantId } from "@/protocol/generated/ParticipantId";
import type { RecordingState } from "@/protocol/generated/RecordingState";
import type { Removed } from "@/protocol/generated/Removed";
import type { RoomState as Snapshot } from "@/protocol/generated/RoomState";
import type { Seat } from "@/protocol/generated/Seat";
import type { SessionSummary } from "@/protocol/generated/SessionSummary";

/** The most chat lines that are kept. */
const CHAT_LINES = 500;

/** From here on a turn is nearly over, in seconds; the server's `TURN_NEARLY_OVER`. */
export const TURN_NEARLY_OVER_S = 30;

/** A raised hand. */
export interface Hand {
	participant: ParticipantId;
	/** When it went up. */
	sinceUs: number;
	/** What they would speak about. */
	topic: string | null;
}

/** Who holds the floor. */
export interface Floor {
	participant: ParticipantId;
	sinceUs: number;
	/** When the microphone opens by itself; null once it has, or somebody decided otherwise. */
	opensAtUs: number | null;
	/** When the turn is over; null for as long as it takes. */
	endsAtUs: number | null;
	/** What they asked to speak about. */
	topic: string | null;
}

/** A whole room as this page knows it: a snapshot and what happened since. Never changed in place. */
export interface RoomState {
	session: SessionSummary;
	/** In seat order. */
	seats: readonly Seat[];
	participants: Readonly<Record<ParticipantId, Participant>>;
	/** First come first; `queueOf` has the order of the queue. */
	hands: readonly Hand[];
	/** Whether those who have not spoken yet stand first in the queue. */
	unheardFirst: boolean;
	/** Who has spoken so far, in the order of their first turns. */
	heard: readonly Heard[];
	/** How long turns that begin last, in seconds; null for as long as it takes. */
	turnLength: number | null;
	floor: Floor | null;
	/** Who has the floor next. */
	next: ParticipantId | null;
	broadcast: ParticipantId | null;
	screen: ParticipantId | null;
	/** For whom the shared screen is kept. */
	screenLockedTo: ParticipantId | null;
	allLocked: boolean;
	/** Whether no chair has been connected for 10 s: the secretary has the chair's powers. */
	chairAway: boolean;
	recording: RecordingState;
	/** When it began; null when it was on before this page came, or is off. */
	recordingSinceUs: number | null;
	/** Oldest first. */
	chat: readonly ChatMessage[];
	/** Whether the server has lines that are older than these. */
	olderChat: boolean;
	/** Who was removed and may be readmitted. */
	removed: readonly Removed[];
	/** Why what happens is not being saved; null when it is. Only those who preside are told. */
	journalTrouble: JournalTrouble | null;
	viewers: number;
	/** When each reconnecting participant was lost. */
	lostAtUs: Readonly<Record<ParticipantId, number>>;
	ended: boolean;
}

/** Makes the state that a snapshot describes; `earlier` lends the times that a snapshot does not carry. */
export function fromSnapshot(
	snapshot: Snapshot,
	earlier: RoomState | null,
): RoomState {
	const participants = Object.fromEntries(
		snapshot.participants.map((p) => [p.id, p]),
	);
	const lostAtUs = Object.fromEntries(
		Object.entries(earlier?.lostAtUs ?? {}).filter(
			([id]) => participants[id]?.connection === "reconnecting",
		),
	);
	return {
		session: snapshot.session,
		seats: [...snapshot.seats].sort((a, b) => a.number - b.number),
		participants,
		hands: snapshot.hands.map(({ participant, since_us, topic }) => ({
			participant,
			sinceUs: since_us,
			topic,
		})),
		unheardFirst: snapshot.unheard_first,
		heard: snapshot.heard,
		turnLength: snapshot.turn_length,
		floor:
			snapshot.floor === null || snapshot.turn === null
				? null
				: {
						participant: snapshot.floor,
						sinceUs: snapshot.turn.since_us,
						opensAtUs: snapshot.turn.opens_at_us,
						endsAtUs: snapshot.turn.ends_at_us,
						topic: snapshot.turn.topic,
					},
		next: snapshot.next,
		broadcast: snapshot.broadcast,
		screen: snapshot.screen,
		screenLockedTo: snapshot.screen_locked_to,
		allLocked: snapshot.all_locked,
		chairAway: snapshot.chair_away,
		recording: snapshot.recording,
		recordingSinceUs:
			snapshot.recording === "on" ? (earlier?.recordingSinceUs ?? null) : null,
		chat: snapshot.chat,
		olderChat: snapshot.older_chat,
		removed: snapshot.removed,
		journalTrouble: null,
		viewers: snapshot.viewers,
		lostAtUs,
		ended: false,
	};
}

/** Applies one event. Events about participants that are not here change nothing. */
export function reduce(
	state: RoomState,
	{ event, at_us }: EventFrame,
): RoomState {
	switch (event.type) {
		case "room_opened":
			return {
				...state,
				session: {
					...state.session,
					opened_at_us: state.session.opened_at_us ?? at_us,
				},
			};
		case "session_changed": {
			const { title, starts_at_us, ends_at_us } = event;
			return {
				...state,
				session: { ...state.session, title, starts_at_us, ends_at_us },
			};
		}
		case "preset_changed":
			return { ...state, session: { ...state.session, preset: event.preset } };
		case "participant_joined":
			return {
				...state,
				participants: {
					...state.participants,
					[event.participant.id]: event.participant,
				},
				lostAtUs: without(state.lostAtUs, event.participant.id),
			};
		case "connection_changed": {
			const changed = withParticipant(state, event.participant, {
				connection: event.connection,
			});
			const lostAtUs =
				event.connection === "reconnecting"
					? { ...state.lostAtUs, [event.participant]: at_us }
					: without(state.lostAtUs, event.participant);
			return changed === state ? state : { ...changed, lostAtUs };
		}
		case "participant_left": {
			const gone = state.participants[event.participant];
			return {
				...state,
				removed:
					gone && event.reason === "removed"
						? [
								...state.removed,
								{
									participant: gone.id,
									name: gone.name,
									bridge_point: gone.bridge_point,
								},
							]
						: state.removed,
				next: state.next === event.participant ? null : state.next,
				participants: without(state.participants, event.participant),
				hands: withoutHand(state, event.participant),
				floor:
					state.floor?.participant === event.participant ? null : state.floor,
				broadcast:
					state.broadcast === event.participant ? null : state.broadcast,
				screen: state.screen === event.participant ? null : state.screen,
				screenLockedTo:
					state.screenLockedTo === event.participant
						? null
						: state.screenLockedTo,
				lostAtUs: without(state.lostAtUs, event.participant),
			};
		}
		case "participant_readmitted":
			return {
				...state,
				removed: state.removed.filter(
					({ participant }) => participant !== event.participant,
				),
			};
		case "role_changed":
			return withParticipant(state, event.participant, { role: event.role });
		case "microphone_changed":
			return withParticipant(
				// Once it moved, it does not open by itself any more.
				state.floor?.participant === event.participant
					? { ...state, floor: { ...state.floor, opensAtUs: null } }
					: state,
				event.participant,
				{ microphone: event.microphone },
			);
		case "all_locked":
			return { ...state, allLocked: event.locked };
		case "chair_away_changed":
			return { ...state, chairAway: event.away };
		case "camera_changed":
			return withParticipant(state, event.participant, { camera_on: event.on });
		case "screen_changed":
			return { ...state, screen: event.participant };
		case "screen_locked":
			return { ...state, screenLockedTo: event.participant };
		case "hand_raised":
			return {
				...state,
				hands: [
					...withoutHand(state, event.participant),
					{ participant: event.participant, sinceUs: at_us, topic: null },
				],
			};
		case "topic_changed":
			return {
				...state,
				hands: state.hands.map((hand) =>
					hand.participant === event.participant
						? { ...hand, topic: event.topic }
						: hand,
				),
			};
		case "hand_lowered":
			return { ...state, hands: withoutHand(state, event.participant) };
		case "chat_sent":
			return {
				...state,
				chat: [...state.chat, event.message].slice(-CHAT_LINES),
				olderChat: state.olderChat || state.chat.length >= CHAT_LINES,
			};
		case "floor_granted":
			return {
				...state,
				floor: {
					participant: event.participant,
					sinceUs:
						state.floor?.participant === event.participant
							? state.floor.sinceUs
							: at_us,
					opensAtUs: event.opens_at_us,
					endsAtUs: event.ends_at_us,
					topic: event.topic,
				},
			};
		case "floor_released":
			return state.floor?.participant === event.participant
				? { ...state, floor: null, heard: withHeard(state, state.floor, at_us) }
				: state;
		case "turn_length_changed":
			return { ...state, turnLength: event.seconds };
		case "turn_end_moved":
			return state.floor
				? { ...state, floor: { ...state.floor, endsAtUs: event.ends_at_us } }
				: state;
		case "queue_order_changed":
			return { ...state, unheardFirst: event.unheard_first };
		case "next_changed":
			return { ...state, next: event.participant };
		case "broadcast_changed":
			return { ...state, broadcast: event.participant };
		case "recording_changed":
			return {
				...state,
				recording: event.state,
				recordingSinceUs:
					event.state === "on" ? (state.recordingSinceUs ?? at_us) : null,
			};
		case "viewers_changed":
			return { ...state, viewers: event.viewers };
		case "session_ended":
			return { ...state, ended: true };
		default:
			return unknownEvent(state, event);
	}
}

/** A newer server may report what this page does not know; the room stays as it was. */
function unknownEvent(state: RoomState, event: never): RoomState {
	void (event satisfies never as Event);
	return state;
}

function withParticipant(
	state: RoomState,
	id: ParticipantId,
	change: Partial<Participant>,
): RoomState {
	const participant = state.participants[id];
	if (!participant) return state;
	return {
		...state,
		participants: {
			...state.participants,
			[id]: { ...participant, ...change },
		},
	};
}

/** Who has spoken, once a turn is over; one that ended within its announcement is none. */
function withHeard(
	{ heard }: RoomState,
	{ participant, sinceUs, opensAtUs }: Floor,
	atUs: number,
): readonly Heard[] {
	if (opensAtUs !== null) return heard;
	const spoken = Math.max(0, atUs - sinceUs);
	const known = heard.some((one) => one.participant === participant);
	if (!known) return [...heard, { participant, turns: 1, spoken_us: spoken }];
	return heard.map((one) =>
		one.participant === participant
			? {
					participant,
					turns: one.turns + 1,
					spoken_us: one.spoken_us + spoken,
				}
			: one,
	);
}

function withoutHand(state: RoomState, id: ParticipantId): readonly Hand[] {
	return state.hands.some((hand) => hand.participant === id)
		? state.hands.filter((hand) => hand.participant !== id)
		: state.hands;
}

function without<T>(
	record: Readonly<Record<string, T>>,
	key: string,
): Readonly<Record<string, T>> {
	if (!(key in record)) return record;
	const { [key]: _, ...rest } = record;
	return rest;
}
