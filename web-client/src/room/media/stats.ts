import type { MediaPath } from "@/protocol/generated/MediaPath";

/** One receive line as the browser measures it. Counters grow; rates come from two readings. */
export interface InboundStats {
	mid: string;
	kind: "audio" | "video";
	bytes: number;
	packets: number;
	packetsLost: number;
	framesDecoded: number;
	width: number;
	height: number;
	freezes: number;
	/** 0 to 1, of voices. */
	audioLevel: number;
}

/** One encoding that is sent. */
export interface OutboundStats {
	mid: string;
	kind: "audio" | "video";
	rid: string | null;
	bytes: number;
	width: number;
	height: number;
	framesPerSecond: number;
	active: boolean;
}

/** What the browser measures of a peer connection at one moment. */
export interface PeerStats {
	atMs: number;
	inbound: InboundStats[];
	outbound: OutboundStats[];
	/** Round trip of the path in use, in milliseconds, if known. */
	rttMs: number | null;
	/** The path in use, if known. */
	path: MediaPath | null;
	/** How many of its questions on this path ICE saw answered; it asks every few seconds, for consent (RFC 7675). */
	iceAnswers: number | null;
}

type Report = Record<string, unknown> & { type: string };

/** Reads a report of `getStats` (W3C webrtc-stats) into what the statistics panel shows. */
export function readStats(report: {
	forEach(visit: (value: Report, key: string) => void): void;
}): PeerStats {
	const stats: PeerStats = {
		atMs: 0,
		inbound: [],
		outbound: [],
		rttMs: null,
		path: null,
		iceAnswers: null,
	};
	const byId = new Map<string, Report>();
	report.forEach((value, key) => {
		byId.set(key, value);
	});
	const used = pairInUse(byId);
	if (used?.currentRoundTripTime !== undefined) {
		stats.rttMs = number(used.currentRoundTripTime) * 1000;
	}
	if (used?.responsesReceived !== undefined) {
		stats.iceAnswers = number(used.responsesReceived);
	}
	stats.path = pathOf(byId.get(text(used?.localCandidateId)));
	for (const entry of byId.values()) {
		stats.atMs = Math.max(stats.atMs, number(entry.timestamp));
		if (entry.type === "inbound-rtp") stats.inbound.push(inbound(entry));
		if (entry.type === "outbound-rtp") stats.outbound.push(outbound(entry));
	}
	return stats;
}

/** The pair of candidates that media use; after a change of path, earlier ones may still be listed as nominated. */
function pairInUse(byId: ReadonlyMap<string, Report>): Report | undefined {
	const entries = [...byId.values()];
	const transport = entries.find(
		(entry) => entry.type === "transport" && entry.selectedCandidatePairId,
	);
	const told = byId.get(text(transport?.selectedCandidatePairId));
	if (told) return told;
	const pairs = entries.filter((entry) => entry.type === "candidate-pair");
	return (
		pairs.find((pair) => pair.selected === true) ??
		pairs.find((pair) => pair.nominated === true && pair.state === "succeeded")
	);
}

/** By which path a local candidate sends: a relay is reached over a protocol of its own. */
function pathOf(local: Report | undefined): MediaPath | null {
	switch (text(local?.relayProtocol) || text(local?.protocol)) {
		case "tls":
			return "tls";
		case "tcp":
			return "tcp";
		case "udp":
			return "udp";
		default:
			return null;
	}
}

/** Bits per second between two readings of a growing byte count; null when they are not two. */
export function bitrate(
	earlier: { atMs: number; bytes: number } | undefined,
	later: { atMs: number; bytes: number },
): number | null {
	if (!earlier || later.atMs <= earlier.atMs || later.bytes < earlier.bytes)
		return null;
	return ((later.bytes - earlier.bytes) * 8_000) / (later.atMs - earlier.atMs);
}

/** All that is received at a moment. */
export function receivedBytes(stats: PeerStats): {
	atMs: number;
	bytes: number;
} {
	return {
		atMs: stats.atMs,
		bytes: stats.inbound.reduce((sum, line) => sum + line.bytes, 0),
	};
}

/** All that is sent at a moment. */
export function sentBytes(stats: PeerStats): { atMs: number; bytes: number } {
	return {
		atMs: stats.atMs,
		bytes: stats.outbound.reduce((sum, line) => sum + line.bytes, 0),
	};
}

function inbound(entry: Report): InboundStats {
	return {
		mid: text(entry.mid),
		kind: entry.kind === "audio" ? "audio" : "video",
		bytes: number(entry.bytesReceived),
		packets: number(entry.packetsReceived),
		packetsLost: number(entry.packetsLost),
		framesDecoded: number(entry.framesDecoded),
		width: number(entry.frameWidth),
		height: number(entry.frameHeight),
		freezes: number(entry.freezeCount),
		audioLevel: number(entry.audioLevel),
	};
}

function outbound(entry: Report): OutboundStats {
	return {
		mid: text(entry.mid),
		kind: entry.kind === "audio" ? "audio" : "video",
		rid: typeof entry.rid === "string" ? entry.rid : null,
		bytes: number(entry.bytesSent),
		width: number(entry.frameWidth),
		height: number(entry.frameHeight),
		framesPerSecond: number(entry.framesPerSecond),
		active: entry.active !== false,
	};
}

const number = (value: unknown): number =>
	typeof value === "number" ? value : 0;
const text = (value: unknown): string =>
	typeof value === "string" ? value : "";
