import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type OfferOutcome, Peer } from "./peer";

/** A browser's peer connection without a network. */
class FakeConnection {
	readonly transceivers: {
		kind: string;
		mid: string | null;
		direction: string;
		sendEncodings: RTCRtpEncodingParameters[] | undefined;
		sender: {
			track: MediaStreamTrack | null;
			replaceTrack: (track: MediaStreamTrack | null) => Promise<void>;
			getParameters: () => { encodings: RTCRtpEncodingParameters[] };
			setParameters: (parameters: {
				encodings: RTCRtpEncodingParameters[];
			}) => Promise<void>;
		};
		receiver: { track: MediaStreamTrack };
	}[] = [];
	signalingState = "stable";
	iceConnectionState = "new";
	remoteDescription: { sdp: string } | null = null;
	localDescription: { sdp: string } | null = null;
	oniceconnectionstatechange: (() => void) | null = null;
	onconnectionstatechange: (() => void) | null = null;
	restarts = 0;
	closed = false;

	addTransceiver(
		kind: string,
		{
			direction,
			sendEncodings,
		}: { direction: string; sendEncodings?: RTCRtpEncodingParameters[] },
	) {
		let encodings = (sendEncodings ?? [{}]).map((encoding) => ({
			active: true,
			...encoding,
		}));
		const transceiver: FakeConnection["transceivers"][number] = {
			kind,
			mid: null,
			direction,
			sendEncodings,
			sender: {
				track: null,
				replaceTrack: async (track) => {
					transceiver.sender.track = track;
				},
				getParameters: () => ({ encodings: structuredClone(encodings) }),
				setParameters: async (parameters) => {
					encodings = parameters.encodings as typeof encodings;
				},
			},
			receiver: { track: {} as MediaStreamTrack },
		};
		this.transceivers.push(transceiver);
		return transceiver;
	}

	getTransceivers() {
		return this.transceivers;
	}

	async createOffer({ iceRestart }: { iceRestart: boolean }) {
		return { type: "offer", sdp: iceRestart ? "restart" : "offer" };
	}

	async setLocalDescription(description: { sdp: string }) {
		this.localDescription = description;
		this.signalingState = "have-local-offer";
		for (const [index, transceiver] of this.transceivers.entries()) {
			transceiver.mid = String(index);
		}
	}

	async setRemoteDescription(description: { sdp: string }) {
		this.remoteDescription = description;
		this.signalingState = "stable";
	}

	restartIce() {
		this.restarts += 1;
	}

	close() {
		this.closed = true;
	}

	ice(state: string) {
		this.iceConnectionState = state;
		this.oniceconnectionstatechange?.();
	}
}

function scene(answers: OfferOutcome[] = []) {
	const made: FakeConnection[] = [];
	const offers: { sdp: string; iceRestart: boolean }[] = [];
	const seen = { connected: [] as boolean[], accepted: 0, renewed: 0 };
	const peer = new Peer({
		profile: "phone",
		create: () => {
			const connection = new FakeConnection();
			made.push(connection);
			return connection as unknown as RTCPeerConnection;
		},
		offer: async (sdp, iceRestart) => {
			offers.push({ sdp, iceRestart });
			return answers.shift() ?? "accepted";
		},
		connected: (up) => seen.connected.push(up),
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
	return { peer, made, offers, seen, last, connect };
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
		await peer.handle({ type: "disconnected" });
		expect(made).toHaveLength(2);
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
		await peer.handle({ type: "disconnected" });
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
