import { useEffect } from "react";
import { nearlyOverNotice } from "@/room/state/notices";
import { mayChair } from "@/room/state/selectors";
import { TURN_NEARLY_OVER_S } from "@/room/state/state";
import { useRoom, useRoomSession } from "@/room/view/useRoom";

/**
 * Says once, shortly before the end of a turn, that it is nearly over: to who speaks, and to who may give a minute more. The server
 * told the end beforehand, so a page that slept or whose clock is wrong says it at the right moment too, or not at all.
 */
export function useTurnWarning(): void {
	const session = useRoomSession();
	const { endsAtUs, sinceUs, mine, chair } = useRoom((view) => ({
		endsAtUs: view.room?.floor?.endsAtUs ?? null,
		sinceUs: view.room?.floor?.sinceUs ?? null,
		mine: view.you !== null && view.room?.floor?.participant === view.you,
		chair: mayChair(view),
	}));
	useEffect(() => {
		if (endsAtUs === null || sinceUs === null || !(mine || chair)) return;
		const warnAtUs = endsAtUs - TURN_NEARLY_OVER_S * 1e6;
		// A turn that is as short as the warning needs none.
		if (warnAtUs <= sinceUs) return;
		const inMs = (warnAtUs - session.serverNowUs()) / 1000;
		if (inMs < 0) return;
		const timer = setTimeout(() => {
			const { room } = session.store.getState();
			const leftMs = (endsAtUs - session.serverNowUs()) / 1000;
			// A page that slept wakes too late to warn.
			if (!room?.floor || leftMs <= 0) return;
			session.notify(nearlyOverNotice(room, room.floor, mine));
		}, inMs);
		return () => clearTimeout(timer);
	}, [session, endsAtUs, sinceUs, mine, chair]);
}
