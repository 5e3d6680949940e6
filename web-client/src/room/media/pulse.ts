/** How long a link may give no sign before a person is told, in milliseconds: with what notices it, two seconds from the cut. */
export const SILENT_LINK_MS = 1_400;

/** Media that fall silent while the room says why, such as the last microphone closing, get this much longer, in milliseconds. */
const EXPLAINED_MS = 2_500;

/** How late a heartbeat may be, in milliseconds. */
const LATE_MS = 500;

/** What one looks at: each rises, or changes, while its way is alive. Times are milliseconds of one clock. */
export interface Signs {
	/** When the last frame of signaling came; null while there is no connection. */
	frameMs: number | null;
	/** How often the server promises one, in milliseconds. */
	heartbeatMs: number;
	/** Whether media are connected. */
	mediaUp: boolean;
	/** When the last RTP packet came, as far as it was looked at; null before the first. */
	rtpMs: number | null;
	/** When ICE was last answered; null when not known. */
	iceMs: number | null;
	/** When the room last said that somebody's microphone, camera or screen changed. */
	changeMs: number | null;
}

/** What gives no sign, and since when, in milliseconds of the same clock. */
export interface Silence {
	what: "signaling" | "media" | "both";
	sinceMs: number;
}

/**
 * Judges whether a link is alive: by the server's heartbeat where it comes each second, and by media where it comes less often.
 * Media that never flowed, or that may have stopped because the room fell silent, prove nothing: then ICE's answers and the
 * heartbeats do. Pure.
 */
export function silenceOf(signs: Signs, nowMs: number): Silence | null {
	const media = mediaSilence(signs, nowMs);
	const signaling = signalingSilence(signs, nowMs);
	if (media !== null && signaling !== null) {
		return { what: "both", sinceMs: Math.min(media, signaling) };
	}
	if (signaling !== null) return { what: "signaling", sinceMs: signaling };
	if (media === null) return null;
	// When nothing at all has come since, it is the link that is silent, and not its media.
	const { frameMs } = signs;
	return frameMs !== null && frameMs <= media
		? { what: "both", sinceMs: media }
		: { what: "media", sinceMs: media };
}

/** Since when signaling gives no sign although it promised one. */
function signalingSilence(
	{ frameMs, heartbeatMs }: Signs,
	nowMs: number,
): number | null {
	if (frameMs === null) return null;
	return nowMs - frameMs > heartbeatMs + LATE_MS ? frameMs : null;
}

/** Since when media that flowed give no sign. */
function mediaSilence(
	{ mediaUp, rtpMs, iceMs, changeMs }: Signs,
	nowMs: number,
): number | null {
	if (!mediaUp || rtpMs === null) return null;
	const lastMs = Math.max(rtpMs, iceMs ?? rtpMs);
	const explained = changeMs !== null && changeMs > rtpMs - 500;
	const allowed = explained ? EXPLAINED_MS : SILENT_LINK_MS;
	return nowMs - lastMs > allowed ? rtpMs : null;
}
