import type { LinkReport } from "@/protocol/generated/LinkReport";
import type { LinkSample } from "@/protocol/generated/LinkSample";
import type { PointState } from "@/protocol/generated/PointState";
import type { PointStatus } from "@/protocol/generated/PointStatus";
import type { Tone } from "@/ui";

/** Above this share of lost packets a link counts as weak, in percent; the server's own line. */
export const weakLossPercent = 3;

/** Above this round trip a link counts as weak, in milliseconds; the server's own line. */
export const weakRttMs = 300;

/** Measurements come every 10 s; a silence of three of them is drawn as time without a link. */
const gapUs = 35_000_000;

export const tones: Record<PointState, Tone> = {
	lost: "bad",
	weak: "warn",
	good: "ok",
	idle: "none",
};

const rank: Record<PointState, number> = { lost: 0, weak: 1, good: 2, idle: 3 };

/** The larger loss of both directions, in percent. */
export const worstLoss = (link: LinkReport): number =>
	Math.max(link.ingress_loss_percent, link.egress_loss_percent);

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

/** The number under which a point is known: the digits of its code, else its code. */
export const numberOf = (code: string): string =>
	/(\d+)$/.exec(code)?.[1] ?? code;

/** What a weak link suffers from, worst first; the key of its word. */
export function complaint(
	link: LinkReport,
): "loss" | "rtt" | "tcp" | "tls" | null {
	const loss = worstLoss(link) / weakLossPercent;
	const rtt = (link.rtt_ms ?? 0) / weakRttMs;
	if (loss > 1 && loss >= rtt) return "loss";
	if (rtt > 1) return "rtt";
	return link.path === "tcp" || link.path === "tls" ? link.path : null;
}

/** A time without measurements, in microseconds UTC. */
export interface Gap {
	fromUs: number;
	toUs: number;
}

/** Where samples (oldest first) fall silent before `toUs`. */
export function gapsOf(samples: LinkSample[], toUs: number): Gap[] {
	const gaps: Gap[] = [];
	for (const [index, { at_us: fromUs }] of samples.entries()) {
		const next = samples[index + 1]?.at_us ?? toUs;
		if (next - fromUs > gapUs) gaps.push({ fromUs, toUs: next });
	}
	return gaps;
}

/** The worst measurement of each minute, latest first: the chart as a table that can be read aloud. */
export function worstOfEachMinute(samples: LinkSample[]): LinkSample[] {
	const minutes = new Map<number, LinkSample>();
	for (const sample of samples) {
		const minute = Math.floor(sample.at_us / 60_000_000);
		const known = minutes.get(minute);
		if (known === undefined || weight(sample) > weight(known)) {
			minutes.set(minute, sample);
		}
	}
	return [...minutes.values()].reverse();
}

const weight = ({ link }: LinkSample): number =>
	worstLoss(link) / weakLossPercent + (link.rtt_ms ?? 0) / weakRttMs;
