import type { ByeReason } from "@/protocol/generated/ByeReason";
import type { Clock, Socket } from "./connection";

/**
 * This machine's time and chance. Durations are measured by what no correction of the clock moves; a machine that slept
 * catches up with the next word of the server.
 */
export const systemClock: Clock = {
	now: () => performance.timeOrigin + performance.now(),
	random: () => Math.random(),
};

/** Opens the WebSocket of a session on the server that this page came from. */
export function openSessionSocket(session: string): Socket {
	const url = new URL(
		`/ws/sessions/${encodeURIComponent(session)}`,
		location.href,
	);
	url.protocol = url.protocol === "http:" ? "ws:" : "wss:";
	return new WebSocket(url) as Socket;
}

/**
 * Reloads the page because the server speaks another version; at most once in a minute, so that a cache that keeps
 * the old page does not reload for ever. Returns whether it did.
 */
export function reloadForNewVersion(): boolean {
	const key = "diemcau.reloaded";
	const now = systemClock.now();
	const last = sessionStorage.getItem(key);
	if (last !== null && Math.abs(now - Number(last)) < 60_000) return false;
	sessionStorage.setItem(key, String(now));
	location.reload();
	return true;
}

/** Whether a stay that ended like this may be taken up again by the person's own choice. */
export function mayReturn(reason: ByeReason): boolean {
	switch (reason.type) {
		case "taken_over":
		case "left":
		case "server_stopping":
		case "too_slow":
		case "protocol_mismatch":
		case "frame_too_large":
		case "too_many_frames":
		case "access_changed":
		case "not_saved":
			return true;
		case "refused":
			return (
				reason.refusal.code !== "not_allowed" &&
				reason.refusal.code !== "session_over"
			);
		case "removed":
		case "access_ended":
		case "session_ended":
			return false;
		default:
			return reason satisfies never;
	}
}
