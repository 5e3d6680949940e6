import type { ParticipantId } from "@/protocol/generated/ParticipantId";
import { firstInQueue } from "@/room/selectors";
import { useRoomSession, useRoomState } from "@/room/useRoom";

/** Calling people to speak, so that one key never cuts anybody off. */
export function useCalling(): {
	/** Who would be called by the key; null for nobody. */
	first: ParticipantId | null;
	/** Who has the floor next; null for nobody, or while nobody speaks. */
	next: ParticipantId | null;
	/** Calls the first of the queue, or makes them next. With somebody next already it does nothing: pressed twice, it cuts nobody. */
	callFirst: () => void;
	/** Cuts the turn: the next one speaks now. */
	now: () => void;
} {
	const session = useRoomSession();
	const room = useRoomState();
	const first = firstInQueue(room)?.id ?? null;
	const next = room.floor ? room.next : null;
	const grant = (participant: ParticipantId, interrupt: boolean) =>
		void session.ask({
			type: "grant_floor",
			participant,
			...(interrupt && { interrupt }),
		});
	return {
		first,
		next,
		callFirst: () => {
			if (next === null && first !== null) grant(first, false);
		},
		now: () => {
			if (next !== null) grant(next, true);
		},
	};
}
