import { useRoom } from "@/room/useRoom";

/** What a room's root element says of this stay, for tests and for support: who one is, and whether media flow. */
export function useMarks() {
	return useRoom((view) => ({
		"data-testid": "room",
		"data-you": view.you ?? undefined,
		"data-media": view.mediaUp ? "up" : "down",
	}));
}
