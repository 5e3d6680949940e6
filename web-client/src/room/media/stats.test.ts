import { describe, expect, it } from "vitest";
import { readStats } from "./stats";

/** A report as browsers give it: entries by their id. */
const report = (...entries: { id: string; type: string }[]) =>
	new Map(entries.map((entry) => [entry.id, entry]));

const pair = (id: string, localCandidateId: string, more: object = {}) => ({
	id,
	type: "candidate-pair",
	localCandidateId,
	nominated: true,
	state: "succeeded",
	currentRoundTripTime: 0.025,
	...more,
});
const local = (id: string, more: object) => ({
	id,
	type: "local-candidate",
	protocol: "udp",
	...more,
});

describe("the path in use", () => {
	it("is that of the selected pair, not of one that was used before", () => {
		const transport = { type: "transport", selectedCandidatePairId: "P2" };
		const stats = readStats(
			report(
				pair("P1", "L1"),
				pair("P2", "L2"),
				local("L1", {}),
				local("L2", { protocol: "tcp" }),
				{ id: "T", ...transport },
			),
		);
		expect(stats.path).toBe("tcp");
		expect(stats.rttMs).toBe(25);
	});

	it("is TLS where a relay is reached so, even when the engine saw another address", () => {
		for (const candidateType of ["relay", "prflx"]) {
			const relay = local("L1", { candidateType, relayProtocol: "tls" });
			expect(readStats(report(pair("P1", "L1"), relay)).path).toBe("tls");
		}
	});

	it("is read from Firefox, which names no transport", () => {
		const stats = readStats(
			report(
				pair("P1", "L1", { state: "cancelled", selected: false }),
				pair("P2", "L2", { selected: true }),
				local("L1", {}),
				local("L2", { protocol: "tcp" }),
			),
		);
		expect(stats.path).toBe("tcp");
	});

	it("is unknown before there is one", () => {
		expect(readStats(report()).path).toBeNull();
	});
});
