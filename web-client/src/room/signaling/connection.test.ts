import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ByeReason } from "@/protocol/generated/ByeReason";
import type { EventFrame } from "@/protocol/generated/EventFrame";
import { FakeSocket } from "@/test/socket";
import {
	type ConnectionPhase,
	SignalingConnection,
	silenceMs,
} from "./connection";

function inTheRoom(options: { takeOver?: boolean } = {}) {
	const sockets: FakeSocket[] = [];
	const phases: ConnectionPhase[] = [];
	let onLive = () => {};
	const events: EventFrame[] = [];
	let reloads = 0;
	const connection = new SignalingConnection({
		...options,
		profile: "desk",
		openSocket: () => {
			const socket = new FakeSocket();
			sockets.push(socket);
			return socket;
		},
		clock: { now: () => Date.now(), random: () => 0 },
		listener: {
			phase: (phase) => {
				phases.push(phase);
				if (phase.name === "live") onLive();
			},
			welcome: () => undefined,
			event: (frame) => events.push(frame),
			media: () => undefined,
			chat: () => undefined,
			may: () => undefined,
			journal: () => undefined,
			reload: () => {
				reloads += 1;
			},
		},
	});
	connection.open();
	const last = () => {
		const socket = sockets.at(-1);
		if (!socket) throw new Error("no socket was opened");
		return socket;
	};
	return {
		connection,
		sockets,
		last,
		phases,
		events,
		reloads: () => reloads,
		/** What the page does as soon as it is in. */
		atOnce: (act: () => void) => {
			onLive = act;
		},
	};
}

const opened = (seq: number): EventFrame => ({
	seq,
	at_us: 1,
	event: { type: "room_opened" },
});

describe("a connection", () => {
	beforeEach(() => void vi.useFakeTimers());
	afterEach(() => void vi.useRealTimers());

	it("says hello first, with its protocol and profile", () => {
		const { last } = inTheRoom();
		last().welcomes();
		expect(last().sent[0]).toEqual({
			type: "hello",
			protocol: 3,
			profile: "desk",
		});
	});

	it("takes the place of another page only when told to", () => {
		const { last } = inTheRoom({ takeOver: true });
		last().welcomes();
		expect(last().sent[0]).toMatchObject({ type: "hello", take_over: true });
	});

	it("that took the place of another page evicts nobody when it comes back after a break", () => {
		const { last } = inTheRoom({ takeOver: true });
		last().welcomes();
		last().onclose?.();
		vi.advanceTimersByTime(5_000);
		last().onopen?.();
		expect(last().sent[0]).toMatchObject({ resume: { token: "ticket-1" } });
		expect(last().sent[0]).not.toHaveProperty("take_over");
	});

	it("sends once what is asked on becoming live, after what waited", () => {
		const { connection, last, atOnce } = inTheRoom();
		void connection.send({ type: "raise_hand" });
		atOnce(() => {
			const offer = { type: "offer", sdp: "v=0", ice_restart: false } as const;
			void connection.send(offer, { repeat: false });
		});
		last().welcomes({ last_command_id: 4 });
		expect(last().commands).toMatchObject([
			{ id: 5, command: { type: "raise_hand" } },
			{ id: 6, command: { type: "offer" } },
		]);
	});

	it("tells each event once and in order when missed ones are replayed", () => {
		const { last, sockets, events } = inTheRoom();
		last().welcomes({ seq: 10, state: {} as never });
		last().says({ type: "event", ...opened(11) });
		sockets[0]?.onclose?.();
		vi.advanceTimersByTime(5_000);
		last().welcomes({
			resumed: true,
			seq: 13,
			missed: [opened(11), opened(12), opened(13)],
		});
		expect(events.map((frame) => frame.seq)).toEqual([11, 12, 13]);
	});

	it("resumes with the last ticket and the last sequence number", () => {
		const { last, sockets } = inTheRoom();
		last().welcomes({ seq: 10, state: {} as never });
		last().says({ type: "event", ...opened(11) });
		sockets[0]?.onclose?.();
		vi.advanceTimersByTime(5_000);
		last().onopen?.();
		expect(last().sent[0]).toMatchObject({
			resume: { token: "ticket-1", last_seq: 11 },
		});
	});

	it("counts the time of a break from its first moment, over several attempts", () => {
		const { last, phases } = inTheRoom();
		last().welcomes();
		const lostAt = Date.now();
		last().onclose?.();
		vi.advanceTimersByTime(400);
		last().onclose?.();
		vi.advanceTimersByTime(800);
		last().onclose?.();
		expect(phases.filter((phase) => phase.name === "reconnecting")).toEqual([
			{ name: "reconnecting", sinceMs: lostAt, why: "cut" },
		]);
	});

	it("waits longer after each failed attempt, up to five seconds", () => {
		const { sockets, last } = inTheRoom();
		for (let attempt = 0; attempt < 8; attempt += 1) {
			last().onclose?.();
			vi.advanceTimersByTime(5_000);
		}
		expect(sockets).toHaveLength(9);
		last().onclose?.();
		vi.advanceTimersByTime(4_999);
		expect(sockets).toHaveLength(9);
	});

	it("tries at once when the network is back", () => {
		const { connection, sockets, last } = inTheRoom();
		last().welcomes();
		last().onclose?.();
		connection.online();
		expect(sockets).toHaveLength(2);
	});

	it("takes two heartbeats of silence for a dead link, and lives on with heartbeats", () => {
		const silent = silenceMs(1_000);
		const { sockets, last, phases } = inTheRoom();
		last().welcomes();
		for (let beat = 0; beat < 4; beat += 1) {
			vi.advanceTimersByTime(silent - 1);
			last().says({
				type: "heartbeat",
				server_time_us: Date.now() * 1000,
				next_ms: 1_000,
			});
		}
		expect(sockets[0]?.closed).toBe(false);
		vi.advanceTimersByTime(silent);
		expect(sockets[0]?.closed).toBe(true);
		expect(phases.at(-1)?.name).toBe("reconnecting");
	});

	it("believes in silence sooner once the machine says that it is offline", () => {
		const { connection, sockets, last } = inTheRoom();
		last().welcomes();
		connection.offline();
		vi.advanceTimersByTime(silenceMs(1_000, true));
		expect(sockets[0]?.closed).toBe(true);
	});

	it("gives commands rising ids above those of an earlier page", async () => {
		const { connection, last } = inTheRoom();
		last().welcomes({ last_command_id: 7 });
		void connection.send({ type: "raise_hand" });
		void connection.send({ type: "leave" });
		expect(last().commands.map((frame) => frame.id)).toEqual([8, 9]);
	});

	it("sends an unanswered command again after a break, under the same id", async () => {
		const { connection, last } = inTheRoom();
		last().welcomes();
		const raised = connection.send({ type: "raise_hand" });
		last().onclose?.();
		vi.advanceTimersByTime(5_000);
		last().welcomes({ resumed: true, last_command_id: 1 });
		expect(last().commands).toEqual([
			{ type: "command", id: 1, command: { type: "raise_hand" } },
		]);
		last().says({ type: "reply", id: 1 });
		await expect(raised).resolves.toEqual({ ok: true });
	});

	it("does not repeat what belongs to the moment", async () => {
		const { connection, last } = inTheRoom();
		last().welcomes();
		const offered = connection.send(
			{ type: "offer", sdp: "", ice_restart: false },
			{ repeat: false },
		);
		last().onclose?.();
		await expect(offered).resolves.toEqual({ ok: false, refusal: null });
		vi.advanceTimersByTime(5_000);
		last().welcomes({ resumed: true });
		expect(last().commands).toEqual([]);
	});

	it("after a long break does not do what was meant for the moment before it, unless the server had it", async () => {
		const { connection, last } = inTheRoom();
		last().welcomes();
		const settled = vi.fn();
		const ask = (command: Parameters<typeof connection.send>[0]) =>
			connection.send(command, { withinMs: 5_000 }).then(settled);
		void ask({ type: "release_floor" });
		void ask({ type: "set_microphone", on: true });
		void connection.send({ type: "raise_hand" });
		last().onclose?.();
		void ask({ type: "end_session" });
		vi.advanceTimersByTime(5_500);
		last().welcomes({ resumed: true, last_command_id: 1 });
		await vi.advanceTimersByTimeAsync(0);
		expect(last().commands.map(({ command }) => command.type)).toEqual([
			"release_floor",
			"raise_hand",
		]);
		expect(settled.mock.calls).toEqual([
			[{ ok: false, refusal: null }],
			[{ ok: false, refusal: null }],
		]);
	});

	it("after a short one does it all the same", () => {
		const { connection, last } = inTheRoom();
		last().welcomes();
		void connection.send(
			{ type: "set_microphone", on: true },
			{ withinMs: 5_000 },
		);
		last().onclose?.();
		vi.advanceTimersByTime(2_000);
		last().welcomes({ resumed: true });
		expect(last().commands).toMatchObject([
			{ command: { type: "set_microphone" } },
		]);
	});

	it("keeps what was asked before it was let in", () => {
		const { connection, last } = inTheRoom();
		void connection.send({ type: "set_camera", on: true });
		last().welcomes({ last_command_id: 3 });
		expect(last().commands.map((frame) => frame.id)).toEqual([4]);
	});

	it("hands a refusal to the one who asked", async () => {
		const { connection, last } = inTheRoom();
		last().welcomes();
		const asked = connection.send({ type: "end_session" });
		last().says({ type: "reply", id: 1, refusal: { code: "not_chair" } });
		await expect(asked).resolves.toEqual({
			ok: false,
			refusal: { code: "not_chair" },
		});
	});

	it.each<ByeReason>([
		{ type: "taken_over" },
		{ type: "removed" },
		{ type: "session_ended" },
		{ type: "left" },
		{ type: "access_ended" },
		{ type: "too_many_frames" },
		{ type: "frame_too_large", limit: 65_536 },
		{ type: "refused", refusal: { code: "already_here" } },
		{ type: "refused", refusal: { code: "session_full", detail: "60" } },
	])("stays away after $type", (reason) => {
		const { sockets, last, phases } = inTheRoom();
		last().welcomes();
		last().says({ type: "bye", reason });
		vi.advanceTimersByTime(60_000);
		expect(phases.at(-1)).toEqual({ name: "over", reason });
		expect(sockets).toHaveLength(1);
	});

	it.each([
		[{ type: "server_stopping" }, "stopping"],
		[{ type: "too_slow" }, "slow"],
		[{ type: "access_changed" }, "changed"],
		[{ type: "not_saved", trouble: "disk_full" }, "not_saved"],
	] as [ByeReason, string][])(
		"comes back after $0.type, and remembers why it broke",
		(reason, why) => {
			const { sockets, last, phases } = inTheRoom();
			last().welcomes();
			last().says({ type: "bye", reason });
			expect(phases.at(-1)).toMatchObject({ name: "reconnecting", why });
			vi.advanceTimersByTime(5_000);
			expect(sockets).toHaveLength(2);
		},
	);

	it("reloads the page when the server speaks another version", () => {
		const { last, reloads } = inTheRoom();
		last().onopen?.();
		last().says({
			type: "bye",
			reason: { type: "protocol_mismatch", protocol: 2 },
		});
		expect(reloads()).toBe(1);
	});

	it("knows the server's clock by the frame that travelled shortest", () => {
		const { connection, last } = inTheRoom();
		last().welcomes({ server_time_us: (Date.now() + 60_000 - 400) * 1000 });
		last().says({
			type: "heartbeat",
			server_time_us: (Date.now() + 60_000 - 20) * 1000,
			next_ms: 1_000,
		});
		last().says({
			type: "heartbeat",
			server_time_us: (Date.now() + 60_000 - 900) * 1000,
			next_ms: 1_000,
		});
		expect(connection.serverNow() - Date.now()).toBeCloseTo(59_980);
	});
});
