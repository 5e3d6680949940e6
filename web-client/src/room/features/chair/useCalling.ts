import type { ParticipantId } from "@/protocol/generated/ParticipantId";
import { firstInQueue, nextToSpeak } from "@/room/state/selectors";
import { useRoomSession, useRoomState } from "@/room/view/useRoom";

/** Calling people to speak, so that one key never cuts anybody off. */
export function useCalling(): {
	/** Who would be called by the key; null for nobody. */
	first: ParticipantId | null;
	/** Who has the floor next; null for nobody, or while nobody speaks. */
	next: ParticipantId | null;
	/** Calls somebody, or makes them next while another speaks. */
	call: (participant: ParticipantId) => void;
	/** Calls somebody at once; whoever speaks is cut. */
	callNow: (participant: ParticipantId) => void;
	/** Calls the first of the queue, or makes them next. With somebody next already it does nothing: pressed twice, it cuts nobody. */
	callFirst: () => void;
	/** Lets nobody be next: the turn goes on for as long as it takes. */
	cancelNext: () => void;
} {
	const session = useRoomSession();
	const room = useRoomState();
	const first = firstInQueue(room)?.id ?? null;
	const next = nextToSpeak(room);
	const call = (participant: ParticipantId) =>
		void session.ask({ type: "grant_floor", participant });
	return {
		first,
		next,
		call,
		callNow: (participant) =>
			void session.ask({ type: "grant_floor", participant, interrupt: true }),
		callFirst: () => {
			if (next === null && first !== null) call(first);
		},
		cancelNext: () => void session.ask({ type: "cancel_next" }),
	};
}
