import type { LinkReport } from "@/protocol/generated/LinkReport";

/** A good link, but for what a test says. */
export const link = (part: Partial<LinkReport> = {}): LinkReport => ({
	rtt_ms: 40,
	ingress_loss_percent: 0.2,
	egress_loss_percent: 0.1,
	ingress_bps: 1_200_000,
	egress_bps: 2_000_000,
	estimate_bps: null,
	path: "udp",
	...part,
});
