import { picturesStand } from "@/room/state/selectors";
import { useRoom } from "@/room/view/useRoom";

/**
 * What a room's root element says of this stay, for styles, tests and support: who one is, whether media flow, whether the
 * pictures stand still because the link is silent.
 */
export function useMarks() {
	return useRoom((view) => ({
		"data-testid": "room",
		"data-you": view.you ?? undefined,
		"data-media": view.mediaUp ? "up" : "down",
		"data-pictures": picturesStand(view) ? "stand" : undefined,
	}));
}
