import type { Tone } from "@/kit";
import type { PointHistory } from "@/protocol/generated/PointHistory";
import type { PointState } from "@/protocol/generated/PointState";
import type { PointStatus } from "@/protocol/generated/PointStatus";
import { weakLossPercent, weakRttMs, worstLoss } from "@/protocol/weakLine";

export const tones: Record<PointState, Tone> = {
	lost: "bad",
	weak: "warn",
	good: "ok",
	idle: "none",
};

const rank: Record<PointState, number> = { lost: 0, weak: 1, good: 2, idle: 3 };

/** Points from worst to best: lost, weak, good, in no session; within a state the lossier and slower first, then by code. */
export function worstFirst(points: PointStatus[]): PointStatus[] {
	return [...points].sort(
		(a, b) =>
			rank[a.state] - rank[b.state] ||
			burden(b) - burden(a) ||
			a.point.code.localeCompare(b.point.code, "vi", { numeric: true }),
	);
}

/** How far a link is over its two lines, rounded so that rows do not swap places for a trifle. */
function burden({ link }: PointStatus): number {
	if (link === null) return 0;
	return Math.round(
		worstLoss(link) / weakLossPercent + (link.rtt_ms ?? 0) / weakRttMs,
	);
}

/** A time, in microseconds UTC. */
export interface Gap {
	fromUs: number;
	toUs: number;
}

/** When a point had lost its connection within a session. */
export const lostIn = (history: PointHistory): Gap[] =>
	history.spans
		.filter(({ state }) => state === "lost")
		.map(({ from_us, to_us }) => ({ fromUs: from_us, toUs: to_us }));

/** When a point was in no session: what the spans leave of the whole time. */
export function outsideIn(history: PointHistory): Gap[] {
	const outside: Gap[] = [];
	let at = history.from_us;
	for (const { from_us: fromUs, to_us: toUs } of history.spans) {
		if (fromUs > at) outside.push({ fromUs: at, toUs: fromUs });
		at = Math.max(at, toUs);
	}
	if (at < history.to_us) outside.push({ fromUs: at, toUs: history.to_us });
	return outside;
}

/** How long spans last together, in microseconds. */
export const totalOf = (gaps: Gap[]): number =>
	gaps.reduce((sum, { fromUs, toUs }) => sum + toUs - fromUs, 0);
