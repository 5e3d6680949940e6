import type { Participant } from "@/protocol/generated/Participant";
import type { ParticipantId } from "@/protocol/generated/ParticipantId";
import type { Seat } from "@/protocol/generated/Seat";
import type { Source } from "@/protocol/generated/Source";
import { weaknessOf } from "@/protocol/weakLine";
import type { Hand, RoomState } from "./state";
import type { RoomView, Slot } from "./store";

/** A place on the wall: a seat, or a participant who has none. */
export interface Place {
	/** The same all meeting long. */
	key: string;
	/** The seat; null for somebody without one, shown after the seats. */
	seat: Seat | null;
	/** Who sits there; null when nobody is here. */
	occupant: ParticipantId | null;
}

/** Levels above this count as sound: about -57 dBov, above the hum of a quiet hall. */
export const AUDIBLE_LEVEL = 70;

/** Who somebody is, as it stands on every plate: the point first, the person second. */
export interface Who {
	/** The point's own number; null for somebody without a seat. */
	number: number | null;
	/** The point's name, or the person's where there is no point; empty when unknown. */
	name: string;
	/** Who sits there, where that is another name than the point's. */
	person: string | null;
}

/** Returns who somebody is, or was: people in the room, those who were removed, and those who left lines in the chat. */
export function whoIs(room: RoomState, id: ParticipantId): Who {
	const known =
		room.participants[id] ??
		room.removed.find(({ participant }) => participant === id) ??
		room.chat.find(({ from }) => from === id);
	return known ? whoAt(room, known) : { number: null, name: "", person: null };
}

/** The same of anything that carries a name and perhaps a point: a participant, a line of the chat. */
export function whoAt(
	room: RoomState,
	{
		name,
		seat,
		bridge_point,
	}: { name: string; seat?: number | null; bridge_point: string | null },
): Who {
	const point =
		room.seats.find(({ number }) => number === seat) ??
		(bridge_point === null
			? undefined
			: room.seats.find((one) => one.bridge_point === bridge_point));
	return {
		number: seat ?? point?.number ?? null,
		name: point?.name ?? name,
		person: point && point.name !== name ? name : null,
	};
}

/** The same as values that a component can select one by one: `sitting` is the person. */
export function whoOf(
	room: RoomState | null,
	id: ParticipantId | null,
): { number: number | null; name: string; sitting: string | null } {
	const who = room !== null && id !== null ? whoIs(room, id) : null;
	return {
		number: who?.number ?? null,
		name: who?.name ?? "",
		sitting: who?.person ?? null,
	};
}

/** The name of somebody in a sentence: "Quế Phong (Lô Thị Hằng)"; empty when unknown. */
export function nameOf(room: RoomState, id: ParticipantId): string {
	const { name, person } = whoIs(room, id);
	return person === null ? name : `${name} (${person})`;
}

/** Oneself, once in the room. */
export const you = (view: RoomView): Participant | null =>
	(view.you && view.room?.participants[view.you]) || null;

/** Whether one may give the chair's commands. */
export const mayChair = ({ may }: RoomView): boolean => may.includes("preside");

/** Whether one may end the session for all. */
export const mayEnd = ({ may }: RoomView): boolean =>
	may.includes("end_session");

/** Whether one may show oneself and be heard. */
export const mayPublish = ({ may }: RoomView): boolean =>
	may.includes("publish_media");

/** Whether one may share a screen at the moment. */
export const mayShare = ({ may }: RoomView): boolean =>
	may.includes("share_screen");

/** Whether one may hand the chair on. */
export const mayGiveChair = ({ may }: RoomView): boolean =>
	may.includes("give_chair");

/** Whether one may take back the chair that one handed on. */
export const mayTakeChair = ({ may }: RoomView): boolean =>
	may.includes("take_chair");

/** Whether sound may leave this microphone. */
export const isOpen = ({ microphone }: Participant): boolean =>
	microphone.granted ||
	(microphone.on && !microphone.muted && !microphone.locked);

/**
 * Raised hands in the order in which they stand, the same on every screen: first come first, those who have been heard behind
 * those who have not if the chair says so.
 */
export function queueOf({ hands, heard, unheardFirst }: RoomState): Hand[] {
	const before = new Set(
		unheardFirst ? heard.map(({ participant }) => participant) : [],
	);
	const wasHeard = ({ participant }: Hand) => before.has(participant);
	return [
		...hands.filter((hand) => !wasHeard(hand)),
		...hands.filter(wasHeard),
	];
}

/** Who would be called next: the first in the queue who is connected and does not speak already. */
export const firstInQueue = (room: RoomState): Participant | null => {
	for (const { participant } of queueOf(room)) {
		const person = room.participants[participant];
		if (person?.connection !== "connected") continue;
		if (participant !== room.floor?.participant) return person;
	}
	return null;
};

/** Who speaks when the present turn ends; null for nobody, or while nobody speaks. */
export const nextToSpeak = (room: RoomState): ParticipantId | null =>
	room.floor ? room.next : null;

/** Whether somebody's turn has been announced and their microphone is still closed. */
export const isAnnounced = (room: RoomState, id: ParticipantId): boolean =>
	room.floor?.participant === id && room.floor.opensAtUs !== null;

/** Whether one's own turn is being announced. */
export const myTurnIsAnnounced = ({ room, you }: RoomView): boolean =>
	room !== null && you !== null && isAnnounced(room, you);

/** The place in the queue of raised hands, from 1; null without a raised hand. */
export const handPlace = (
	room: RoomState,
	id: ParticipantId,
): number | null => {
	const index = queueOf(room).findIndex((hand) => hand.participant === id);
	return index < 0 ? null : index + 1;
};

/**
 * Whether lowering a hand costs a place that nobody gives back: somebody else's always, for only its owner can raise it again;
 * one's own when others stand behind.
 */
export const losesPlace = (
	{ room, you }: RoomView,
	id: ParticipantId,
): boolean =>
	room !== null && (id !== you || queueOf(room).at(-1)?.participant !== id);

/**
 * All places of the wall: the seats in seat order, then those without a seat who take part. They stand by role and
 * name, so that the order never depends on who came first.
 */
export function placesOf(room: RoomState): Place[] {
	const everybody = Object.values(room.participants);
	const seated = new Map<number, Participant>();
	for (const participant of everybody) {
		if (participant.seat === null) continue;
		const other = seated.get(participant.seat);
		// Two devices of one point share its seat: the one that is connected is shown.
		if (
			!other ||
			(other.connection !== "connected" &&
				participant.connection === "connected")
		) {
			seated.set(participant.seat, participant);
		}
	}
	const shown = new Set(
		[...seated.values()].map((participant) => participant.id),
	);
	const seats = room.seats.map((seat) => ({
		key: `seat-${seat.number}`,
		seat,
		occupant: seated.get(seat.number)?.id ?? null,
	}));
	const others = everybody
		.filter(
			(participant) =>
				!shown.has(participant.id) &&
				(participant.role !== "viewer" || takesPart(room, participant.id)),
		)
		.sort(byRoleAndName)
		.map((participant) => ({
			key: participant.id,
			seat: null,
			occupant: participant.id,
		}));
	return [...seats, ...others];
}

/** Whether a viewer is in the middle of it all: has the floor, is shown to everybody, or shares a screen. */
const takesPart = (room: RoomState, id: ParticipantId): boolean =>
	room.floor?.participant === id || room.broadcast === id || room.screen === id;

const RANK = {
	chair: 0,
	secretary: 1,
	presenter: 2,
	point: 3,
	viewer: 4,
} as const;
const collator = new Intl.Collator("vi");

/** Orders people by role, then by given name (the last word), as Vietnamese lists do. */
export function byRoleAndName(a: Participant, b: Participant): number {
	return (
		RANK[a.role] - RANK[b.role] ||
		collator.compare(givenName(a.name), givenName(b.name)) ||
		collator.compare(a.name, b.name) ||
		(a.id < b.id ? -1 : 1)
	);
}

function givenName(name: string): string {
	return name.trim().split(/\s+/).at(-1) ?? "";
}

/** Whether a place has a picture to show: somebody is here whose camera is on, or who is being reconnected. */
export const hasPicture = (view: RoomView, { occupant }: Place): boolean =>
	occupant !== null && (view.room?.participants[occupant]?.camera_on ?? false);

/** The line that shows a participant's source in this kind of place, if one does. */
export function slotFor(
	view: RoomView,
	id: ParticipantId,
	source: Source,
	kinds: readonly Slot["kind"][] = ["tile", "stage"],
): Slot | null {
	const showing = Object.values(view.slots).filter(
		(slot) => slot.track?.participant === id && slot.track.source === source,
	);
	for (const kind of kinds) {
		const slot = showing.find((candidate) => candidate.kind === kind);
		if (slot) return slot;
	}
	return null;
}

/** The line of the main picture or of the shared screen. */
export const slotOf = (view: RoomView, kind: "stage" | "screen"): Slot | null =>
	Object.values(view.slots).find(
		(slot) => slot.kind === kind && slot.track !== null,
	) ?? null;

/** What the main picture is. */
export type MainPicture =
	| {
			kind: "screen";
			mid: string | null;
			participant: ParticipantId;
			own: boolean;
	  }
	| {
			kind: "camera";
			mid: string | null;
			participant: ParticipantId;
			own: boolean;
			onAir: boolean;
	  }
	| { kind: "nothing" };

/**
 * What stands on the stage: a shared screen before anything else, then what the server assigned to the stage line.
 * Nobody is sent their own picture, so one's own turn shows the preview.
 */
export function mainPicture(view: RoomView): MainPicture {
	const { room } = view;
	if (!room) return { kind: "nothing" };
	// While one's own turn is announced, one sees what everybody is about to see, whatever else is shown.
	if (view.you !== null && isAnnounced(room, view.you)) {
		return {
			kind: "camera",
			mid: null,
			participant: view.you,
			own: true,
			onAir: true,
		};
	}
	const presenter = largeScreen(view);
	if (presenter !== null) {
		const slot = slotOf(view, "screen");
		return {
			kind: "screen",
			mid: slot?.mid ?? null,
			participant: presenter,
			own: presenter === view.you,
		};
	}
	const stage = slotOf(view, "stage");
	const wanted = room.broadcast ?? room.floor?.participant ?? null;
	const mine = wanted !== null && wanted === view.you && !view.pinned;
	// Nobody is sent their own picture. The server shows its second choice to the one whom all others see, which is of more use
	// to them.
	if (mine && room.participants[wanted] && !stage?.track) {
		return {
			kind: "camera",
			mid: null,
			participant: wanted,
			own: true,
			onAir: true,
		};
	}
	const shown = stage?.track?.participant ?? wanted;
	const participant =
		shown !== null && mayStand(view, shown) ? shown : inPlaceOf(view);
	if (participant === null) return { kind: "nothing" };
	const line =
		participant === stage?.track?.participant
			? stage
			: slotFor(view, participant, "camera");
	return {
		kind: "camera",
		mid: line?.mid ?? null,
		participant,
		own: participant === view.you,
		onAir: room.broadcast === participant,
	};
}

/** Who shares the screen that is large: another point that everybody is made to see comes before it, and what one chose oneself. */
function largeScreen({ room, pinned, receive, you }: RoomView) {
	if (!room || room.screen === null || receive === "audio_only") return null;
	if (pinned) return pinned.source === "screen" ? room.screen : null;
	const { broadcast, screen } = room;
	const outranked =
		broadcast !== null && broadcast !== screen && broadcast !== you;
	return outranked ? null : screen;
}

/** Whether somebody stands on the stage although they are being reconnected: only who was put there by name. */
function mayStand({ room, pinned }: RoomView, id: ParticipantId): boolean {
	const person = room?.participants[id];
	if (!room || !person) return false;
	const called =
		room.broadcast === id ||
		room.floor?.participant === id ||
		pinned?.participant === id;
	return person.connection === "connected" || (called && person.seat !== null);
}

/** Whose plate stands on the stage when no picture was assigned to it: the one who speaks, else the chair. */
function inPlaceOf({ room, speaker, you }: RoomView): ParticipantId | null {
	if (!room) return null;
	const here = (person: Participant | undefined) =>
		person?.connection === "connected" && person.id !== you;
	const talking = speaker === null ? undefined : room.participants[speaker];
	if (talking && here(talking) && isOpen(talking)) return talking.id;
	const chair = Object.values(room.participants).find(
		(person) => person.role === "chair" && here(person),
	);
	return chair?.id ?? null;
}

/** How one's own connection stands, in the words of the session bar. */
export type LinkVerdict =
	| "good"
	| "weak"
	/** All is well but its path: TCP and TLS wait for what is lost. */
	| "fallback"
	| "connecting"
	| "lost";

/** Judges the link by what the server measured: as the board does. */
export function linkVerdict(view: RoomView): LinkVerdict {
	if (view.outage) return "lost";
	if (!view.mediaUp) return "connecting";
	switch (view.link && weaknessOf(view.link)) {
		case null:
			return "good";
		case "tcp":
		case "tls":
			return "fallback";
		default:
			return "weak";
	}
}

/** Whether the pictures on the screen are the last that came, and not what is happening. */
export const picturesStand = ({ outage }: RoomView): boolean =>
	outage !== null && outage.cause !== "signaling";

/** How many points have somebody, and how many are invited. */
export function attendance(room: RoomState): {
	present: number;
	lost: number;
	invited: number;
} {
	let present = 0;
	let lost = 0;
	for (const { seat, occupant } of placesOf(room)) {
		if (!seat || occupant === null) continue;
		if (room.participants[occupant]?.connection === "connected") present += 1;
		else lost += 1;
	}
	return { present, lost, invited: room.seats.length };
}
