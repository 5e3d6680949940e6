import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { IceServer } from "@/protocol/generated/IceServer";
import { FakeConnection } from "@/test/peerConnection";
import { type OfferOutcome, Peer } from "./peer";

function scene(answers: OfferOutcome[] = []) {
	const made: FakeConnection[] = [];
	const offers: { sdp: string; iceRestart: boolean }[] = [];
	const seen = {
		connected: [] as boolean[],
		accepted: 0,
		renewed: 0,
		blocked: [] as string[],
	};
	let iceServers: IceServer[] = [];
	const peer = new Peer({
		profile: "phone",
		iceServers: () => iceServers,
		create: (configuration) => {
			const connection = new FakeConnection();
			connection.configuration = configuration;
			made.push(connection);
			return connection as unknown as RTCPeerConnection;
		},
		offer: async (sdp, iceRestart) => {
			offers.push({ sdp, iceRestart });
			return answers.shift() ?? "accepted";
		},
		connected: (up) => seen.connected.push(up),
		blocked: ({ cause }) => seen.blocked.push(cause),
		accepted: () => {
			seen.accepted += 1;
		},
		renewed: () => {
			seen.renewed += 1;
		},
		refused: () => undefined,
	});
	const last = () => {
		const connection = made.at(-1);
		if (!connection) throw new Error("no connection was made");
		return connection;
	};
	const connect = async () => {
		await peer.start();
		await peer.handle({ type: "answer", sdp: "answer" });
		last().ice("connected");
	};
	const offerRelay = (username: string) => {
		iceServers = [{ urls: ["turns:hop.vn:443"], username, credential: "" }];
	};
	return { peer, made, offers, seen, last, connect, offerRelay };
}

describe("a peer", () => {
	beforeEach(() => {
		vi.useFakeTimers();
		vi.stubGlobal("RTCRtpReceiver", { getCapabilities: () => null });
	});
	afterEach(() => {
		vi.useRealTimers();
		vi.unstubAllGlobals();
	});

	it("offers microphone, camera with three layers, screen, and then its receive lines", async () => {
		const { peer, last } = scene();
		await peer.start();
		const lines = last().transceivers;
		expect(lines.map((line) => `${line.direction} ${line.kind}`)).toEqual([
			"sendonly audio",
			"sendonly video",
			"sendonly video",
			...Array(4).fill("recvonly audio"),
			...Array(5).fill("recvonly video"),
		]);
		expect(lines[1]?.sendEncodings?.map((encoding) => encoding.rid)).toEqual([
			"l",
			"m",
			"h",
		]);
		expect(lines[2]?.sendEncodings).toHaveLength(1);
		expect(peer.audioMids()).toEqual(["3", "4", "5", "6"]);
	});

	it("sends the offer that it prepared at once, and only that", async () => {
		const { peer, made, offers } = scene();
		const camera = { kind: "video" } as MediaStreamTrack;
		await peer.send("camera", camera);
		await peer.prepare();
		expect(offers).toHaveLength(0);
		expect(made[0]?.transceivers[1]?.sender.track).toBe(camera);
		const started = peer.start();
		expect(offers).toEqual([{ sdp: "offer", iceRestart: false }]);
		await started;
		expect(made).toHaveLength(1);
		await peer.handle({ type: "disconnected", reason: "lost" });
		expect(made).toHaveLength(2);
	});

	it("gathers with the servers that came while its offer lay ready", async () => {
		const { peer, last, offerRelay } = scene();
		await peer.prepare();
		expect(last().localDescription).toBeNull();
		offerRelay("1:me");
		await peer.start();
		expect(last().gatheredWith).toEqual(["1:me"]);
	});

	it("starts while it is preparing, with one connection", async () => {
		const { peer, made, offers } = scene();
		void peer.prepare();
		await peer.start();
		expect(made).toHaveLength(1);
		expect(offers).toHaveLength(1);
	});

	it("keeps its tracks over a new connection", async () => {
		const { peer, made, last } = scene();
		const camera = { kind: "video" } as MediaStreamTrack;
		await peer.start();
		await peer.send("camera", camera);
		await peer.handle({ type: "disconnected", reason: "lost" });
		expect(made).toHaveLength(2);
		expect(made[0]?.closed).toBe(true);
		expect(last().transceivers[1]?.sender.track).toBe(camera);
	});

	it("restarts ICE when the path has been broken for two seconds, on the same connection", async () => {
		const { made, offers, last, connect } = scene();
		await connect();
		last().ice("disconnected");
		await vi.advanceTimersByTimeAsync(1_900);
		expect(offers).toHaveLength(1);
		await vi.advanceTimersByTimeAsync(200);
		expect(offers[1]).toEqual({ sdp: "restart", iceRestart: true });
		expect(made).toHaveLength(1);
	});

	it("leaves a path alone that heals within two seconds", async () => {
		const { offers, last, connect } = scene();
		await connect();
		last().ice("disconnected");
		await vi.advanceTimersByTimeAsync(1_000);
		last().ice("connected");
		await vi.advanceTimersByTimeAsync(60_000);
		expect(offers).toHaveLength(1);
	});

	it("makes a new connection when the server has no peer to restart", async () => {
		const { made, offers, last, connect } = scene(["accepted", "no_peer"]);
		await connect();
		last().ice("failed");
		await vi.advanceTimersByTimeAsync(0);
		expect(offers.map((offer) => offer.iceRestart)).toEqual([
			false,
			true,
			false,
		]);
		expect(made).toHaveLength(2);
	});

	it("offers anew when no answer comes", async () => {
		const { peer, made } = scene();
		await peer.start();
		await vi.advanceTimersByTimeAsync(8_000);
		expect(made).toHaveLength(2);
	});

	it("says what stands in the way when an answered offer finds no path, and seeks on", async () => {
		const { peer, seen, made, offerRelay } = scene();
		await peer.start();
		await peer.handle({ type: "answer", sdp: "answer" });
		await vi.advanceTimersByTimeAsync(8_000);
		expect(seen.blocked).toEqual(["no_relay"]);
		offerRelay("1:me");
		await peer.handle({ type: "answer", sdp: "answer" });
		await vi.advanceTimersByTimeAsync(8_000);
		expect(seen.blocked).toEqual(["no_relay", "relay_closed"]);
		expect(made).toHaveLength(3);
	});

	it("blames no network when the server does not answer, or a path was found", async () => {
		const { peer, seen, connect } = scene();
		await peer.start();
		await vi.advanceTimersByTimeAsync(8_000);
		await connect();
		await vi.advanceTimersByTimeAsync(60_000);
		expect(seen.blocked).toEqual([]);
	});

	it("restarts with the credentials that the server gave last", async () => {
		const { peer, last, connect, offerRelay } = scene();
		offerRelay("1:me");
		await connect();
		expect(last().configuration.iceServers?.[0]?.username).toBe("1:me");
		offerRelay("2:me");
		await peer.restart();
		expect(last().configuration.iceServers?.[0]?.username).toBe("2:me");
	});

	it("seeks its path anew after a break of signaling, and begins anew in another stay", async () => {
		const { peer, offers, connect } = scene();
		await connect();
		await peer.resume(true);
		await peer.resume(false);
		expect(offers.map((offer) => offer.iceRestart)).toEqual([
			false,
			true,
			false,
		]);
	});

	it("tells its wishes once for each new connection, not for restarts", async () => {
		const { peer, seen, connect } = scene();
		await connect();
		await peer.restart();
		expect(seen.accepted).toBe(1);
	});

	it("stops the layers that nobody takes", async () => {
		const { peer, last, connect } = scene();
		await connect();
		await peer.handle({
			type: "layers_wanted",
			source: "camera",
			rids: ["l"],
		});
		const layers = () =>
			last()
				.transceivers[1]?.sender.getParameters()
				.encodings.map((encoding) => encoding.active);
		expect(layers()).toEqual([true, false, false]);
		await peer.handle({
			type: "layers_wanted",
			source: "camera",
			rids: ["l", "m", "h"],
		});
		expect(layers()).toEqual([true, true, true]);
	});
});
