import type { LinkReport } from "./generated/LinkReport";

/**
 * When a line counts as weak, everywhere: on the board, in the room and in the device check. The server's own line,
 * held to it by `fixtures/weak_line.json` of the protocol.
 */

/** Above this share of lost packets, in percent. */
export const weakLossPercent = 3;

/** Above this round trip, in milliseconds. */
export const weakRttMs = 300;

/** The larger loss of both directions, in percent. */
export const worstLoss = (link: LinkReport): number =>
	Math.max(link.ingress_loss_percent, link.egress_loss_percent);

/** What makes a line weak, worst first: loss, delay, or a path that waits for what is lost. Null when it is not weak. */
export function weaknessOf(
	link: LinkReport,
): "loss" | "rtt" | "tcp" | "tls" | null {
	const loss = worstLoss(link) / weakLossPercent;
	const rtt = (link.rtt_ms ?? 0) / weakRttMs;
	if (loss > 1 && loss >= rtt) return "loss";
	if (rtt > 1) return "rtt";
	return link.path === "tcp" || link.path === "tls" ? link.path : null;
}

/** Whether people notice the line. */
export const isWeak = (link: LinkReport): boolean => weaknessOf(link) !== null;
