import { type Floor, TURN_NEARLY_OVER_S } from "@/room/state/state";
import { useServerNow } from "@/room/view/useRoom";

/** How a turn stands by the server's clock. */
export interface TurnClock {
	/** Seconds that are left, or that have passed where the turn has no end. */
	seconds: number;
	/** How long it lasts in all, in seconds; null for as long as it takes. */
	whole: number | null;
	/** Whether it is nearly over. */
	nearlyOver: boolean;
}

/** Reads the clock of a turn; each second anew. */
export function useTurnClock({ sinceUs, endsAtUs }: Floor): TurnClock {
	const now = useServerNow();
	if (endsAtUs === null) {
		return { seconds: (now - sinceUs) / 1e6, whole: null, nearlyOver: false };
	}
	const seconds = Math.max(0, Math.ceil((endsAtUs - now) / 1e6));
	return {
		seconds,
		whole: Math.round((endsAtUs - sinceUs) / 1e6),
		nearlyOver: seconds <= TURN_NEARLY_OVER_S,
	};
}
