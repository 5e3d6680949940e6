import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Event } from "@/protocol/generated/Event";
import type { Outage } from "../state/store";
import { LinkWatch } from "./linkWatch";

const live = { name: "live" } as const;

const closing: Event = {
	type: "microphone_changed",
	participant: "vinh",
	microphone: { on: false, muted: false, locked: false, granted: false },
	by: "vinh",
};

/** A link on which everything flows for three seconds, on virtual time; what flows is a test's to stop. */
async function flowing() {
	const flows = { signaling: true, rtp: true, ice: true };
	const connection = { lastFrameMs: 0 as number | null, heartbeatMs: 1_000 };
	let answers = 0;
	const nowMs = () => performance.now();
	const known = { room: true };
	const told: (Outage | null)[] = [];
	const peer = {
		hears: () => flows.rtp,
		iceAnswers: vi.fn(async () => answers),
	};
	const watch = new LinkWatch({
		connection,
		peer,
		known: () => known.room,
		nowMs,
		tell: (outage) => told.push(outage),
	});
	connection.lastFrameMs = nowMs();
	setInterval(() => {
		if (flows.signaling) connection.lastFrameMs = nowMs();
		if (flows.ice) answers += 1;
	}, 500);
	watch.start();
	watch.phaseChanged(live);
	watch.mediaChanged(true);
	const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
	await pass(3_000);
	return { flows, known, peer, watch, told, pass, nowMs };
}

describe("the watch on a link", () => {
	beforeEach(() => void vi.useFakeTimers());
	afterEach(() => {
		vi.useRealTimers();
		vi.unstubAllGlobals();
	});

	it("says nothing while all is well, and asks ICE nothing while media are heard", async () => {
		const { told, pass, peer } = await flowing();
		await pass(60_000);
		expect(told).toEqual([]);
		expect(peer.iceAnswers).not.toHaveBeenCalled();
	});

	it("says each change once, and counts from the first moment although more turns out to be silent", async () => {
		const { flows, told, pass, watch, nowMs } = await flowing();
		const cutMs = nowMs();
		flows.rtp = false;
		flows.ice = false;
		await pass(2_000);
		flows.signaling = false;
		await pass(30_000);
		expect(told.map((outage) => outage?.cause)).toEqual(["media", "network"]);
		expect(told[1]?.sinceMs).toBe(told[0]?.sinceMs);
		expect(Math.abs((told[0]?.sinceMs ?? 0) - cutMs)).toBeLessThan(500);
		const { sinceMs } = told[1] ?? { sinceMs: 0 };
		watch.phaseChanged({
			name: "reconnecting",
			sinceMs: nowMs(),
			why: "stopping",
		});
		expect(told.at(-1)).toEqual({ cause: "server", sinceMs });
		watch.phaseChanged(live);
		flows.rtp = true;
		flows.signaling = true;
		await pass(1_000);
		expect(told.at(-1)).toBeNull();
	});

	it("takes a room that closed its last microphone for silent, and its answers for life", async () => {
		const { flows, told, pass, watch } = await flowing();
		watch.happened(closing);
		flows.rtp = false;
		await pass(60_000);
		expect(told).toEqual([]);
	});

	it("gives a room that says why it falls silent more time than one that does not", async () => {
		const unsaid = await flowing();
		unsaid.flows.rtp = false;
		unsaid.flows.ice = false;
		await unsaid.pass(2_000);
		expect(unsaid.told).toHaveLength(1);
		unsaid.watch.stop();

		const said = await flowing();
		said.watch.happened(closing);
		said.flows.rtp = false;
		said.flows.ice = false;
		await said.pass(2_000);
		expect(said.told).toEqual([]);
		await said.pass(1_000);
		expect(said.told).toMatchObject([{ cause: "media" }]);
	});

	it("says at once that media which were connected are no more, and asks nothing of those that never were", async () => {
		const { told, watch, pass, nowMs } = await flowing();
		watch.mediaChanged(false);
		expect(told).toEqual([{ cause: "media", sinceMs: nowMs() }]);
		watch.mediaChanged(true);
		expect(told.at(-1)).toBeNull();

		const iceAnswers = vi.fn(async () => null);
		const never = new LinkWatch({
			connection: { lastFrameMs: nowMs(), heartbeatMs: 5_000 },
			peer: { hears: () => false, iceAnswers },
			known: () => true,
			nowMs,
			tell: (outage) => told.push(outage),
		});
		const before = told.length;
		never.phaseChanged(live);
		never.mediaChanged(false);
		never.start();
		await pass(2_000);
		expect(told).toHaveLength(before);
		expect(iceAnswers).not.toHaveBeenCalled();
	});

	it.each([
		["stopping", "server"],
		["not_saved", "storage"],
		["cut", "signaling"],
	] as const)("names what breaks signaling: %s", async (why, cause) => {
		const { told, watch, nowMs } = await flowing();
		const sinceMs = nowMs();
		watch.phaseChanged({ name: "reconnecting", sinceMs, why });
		expect(told).toEqual([{ cause, sinceMs }]);
	});

	it("calls nothing cut before the room was seen", async () => {
		const { told, known, watch, nowMs } = await flowing();
		known.room = false;
		watch.phaseChanged({
			name: "reconnecting",
			sinceMs: nowMs(),
			why: "cut",
		});
		expect(told).toEqual([]);
	});

	it("says what the machine knows of its own network", async () => {
		const { flows, told, pass } = await flowing();
		vi.stubGlobal("navigator", { ...navigator, onLine: false });
		flows.rtp = false;
		flows.signaling = false;
		flows.ice = false;
		await pass(2_000);
		expect(told).toMatchObject([{ cause: "offline" }]);
	});

	it("ends with the stay", async () => {
		const { flows, told, pass, watch } = await flowing();
		watch.stop();
		flows.rtp = false;
		flows.signaling = false;
		await pass(60_000);
		expect(told).toEqual([]);
	});
});
