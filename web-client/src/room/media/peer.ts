import type { IceServer } from "@/protocol/generated/IceServer";
import type { MediaMessage } from "@/protocol/generated/MediaMessage";
import type { Source } from "@/protocol/generated/Source";
import {
	encodingsOf,
	type Line,
	lineCodecs,
	linesOf,
	type PictureCodec,
	SCREEN_ENCODINGS,
	withOpusParameters,
} from "./lines";
import { type Obstacle, obstacleOf } from "./obstacle";
import type { PageProfile } from "./profile";
import { type PeerStats, readStats } from "./stats";

// ```text
//            negotiate()        answer             ICE and DTLS up
//   none ───────────────► offered ────────► answered ────────────► connected
//    │  prepare()            ▲ start()
//    └──────────► prepared ──┘
//    ▲                      ▲                                         │
//    │ NoPeer, Disconnected │ ICE restart: disconnected for 2 s,      │
//    │ after a restart      │ failed, the network changed             │
//    └──────────────────────┴─────────────────────────────────────────┘
// ```

/** How long ICE may be "disconnected" before it is restarted, in milliseconds: a moment of lost packets heals by itself. */
const PATIENCE_MS = 2_000;

/** How long an offer may stay without an answer, or a restart without a connection, in milliseconds. */
const NEGOTIATION_MS = 8_000;

/** What became of an offer that was sent. */
export type OfferOutcome = "accepted" | "no_peer" | "refused" | "lost";

/** What a peer needs from the outside. */
export interface PeerOptions {
	profile: PageProfile;
	/** The servers against firewalls that the server named last. */
	iceServers: () => readonly IceServer[];
	/** Sends `Command::Offer`; resolves with what the server said to the command. */
	offer: (sdp: string, iceRestart: boolean) => Promise<OfferOutcome>;
	/** How the camera's picture is to be encoded; asked at each new connection. */
	pictureCodec?: () => PictureCodec;
	/** Makes the browser's object; replaced in tests. */
	create?: (configuration: RTCConfiguration) => RTCPeerConnection;
	/** Whether media flow. */
	connected: (connected: boolean) => void;
	/** No path was found in time, although the server answered; it is sought on. */
	blocked: (obstacle: Obstacle) => void;
	/** The streams of the receive lines are new ones; elements fetch them again. */
	renewed: () => void;
	/** The server has taken a new connection: it knows nothing yet of what this viewer wants. */
	accepted: () => void;
	/** The server refuses to negotiate, for a reason that trying again does not change. */
	refused: () => void;
}

/** A connection and its offer, which is not applied yet. */
interface Made {
	connection: RTCPeerConnection;
	offer: RTCSessionDescriptionInit;
}

/** A connection whose offer is made, or being made, and not sent. */
interface Prepared {
	made: Promise<Made>;
	ready: Made | null;
}

/**
 * One participant's media transport: one `RTCPeerConnection` at a time, offered once. Tracks come and go on fixed lines;
 * only ICE restarts negotiate again. When the server has lost its end, a new one takes the same tracks.
 */
export class Peer {
	readonly #options: PeerOptions;
	#connection: RTCPeerConnection | null = null;
	#senders = new Map<Source, RTCRtpSender>();
	#tracks = new Map<Source, MediaStreamTrack | null>();
	#wanted = new Map<Source, readonly string[]>();
	#streams = new Map<string, MediaStream>();
	/** The last RTP timestamp seen of each source. */
	#sources = new Map<number, number>();
	#timer: ReturnType<typeof setTimeout> | undefined;
	#negotiation = 0;
	#prepared: Prepared | null = null;
	/** The offer that was sent last, being applied. */
	#described: Promise<void> = Promise.resolve();
	/** How the camera is encoded on the present connection. */
	#codec: PictureCodec = "vp8";
	#closed = false;

	constructor(options: PeerOptions) {
		this.#options = options;
	}

	/**
	 * Makes a connection and its offer ahead of time. With thirty lines that keeps a weak machine busy for a fifth of a
	 * second, in which signaling connects.
	 */
	async prepare(): Promise<void> {
		if (this.#closed || this.#connection) return;
		const prepared: Prepared = { made: this.#make(), ready: null };
		this.#prepared = prepared;
		await prepared.made.then(
			(made) => {
				prepared.ready = made;
			},
			// Whoever starts meets the failure.
			() => undefined,
		);
	}

	/** Offers a new connection; what is prepared, at once. The earlier one, if any, is closed. */
	async start(): Promise<void> {
		if (this.#closed) return;
		const prepared = this.#prepared;
		this.#prepared = null;
		if (!prepared) this.#discard();
		const number = this.#negotiation;
		const made = prepared?.ready ?? (await (prepared?.made ?? this.#make()));
		if (number !== this.#negotiation || this.#closed) return;
		// What was prepared knew no servers yet. Gathering has not begun: it does when the offer is applied.
		made.connection.setConfiguration(this.#configuration());
		await this.#negotiate(made, false);
	}

	/** Makes a connection with all its lines, and its offer. */
	async #make(): Promise<Made> {
		const create =
			this.#options.create ??
			((configuration) => new RTCPeerConnection(configuration));
		const connection = create(this.#configuration());
		this.#connection = connection;
		this.#codec = this.#options.pictureCodec?.() ?? "vp8";
		for (const line of linesOf(this.#options.profile))
			this.#addLine(connection, line);
		connection.oniceconnectionstatechange = () => this.#iceChanged(connection);
		connection.onconnectionstatechange = () => this.#iceChanged(connection);
		this.#options.renewed();
		return { connection, offer: await connection.createOffer() };
	}

	/** Finds a new path for the present connection; makes a new connection when there is none. */
	async restart(): Promise<void> {
		const connection = this.#connection;
		if (this.#closed) return;
		if (
			!connection ||
			connection.signalingState === "closed" ||
			!connection.remoteDescription
		) {
			return this.start();
		}
		// Credentials expire: a restart gathers with the newest.
		connection.setConfiguration(this.#configuration());
		connection.restartIce();
		const number = ++this.#negotiation;
		const offer = await connection.createOffer({ iceRestart: true });
		if (number !== this.#negotiation || this.#closed) return;
		await this.#negotiate({ connection, offer }, true);
	}

	/**
	 * Takes up again after a break of signaling. `sameStay` tells whether the server may still know this transport: then its
	 * path is sought anew, without interrupting what still flows; a server that was restarted says at once that it has no
	 * peer, long before the browser would notice the silence.
	 */
	async resume(sameStay: boolean): Promise<void> {
		await (sameStay ? this.restart() : this.start());
	}

	/** Handles what the server says about this client's media. */
	async handle(message: MediaMessage): Promise<void> {
		switch (message.type) {
			case "answer":
				await this.#answered(message.sdp);
				return;
			case "layers_wanted":
				this.#wanted.set(message.source, message.rids);
				await this.#applyLayers(message.source);
				return;
			case "disconnected":
				await this.start();
				return;
			case "connected":
			case "slot_assigned":
			case "speakers":
			case "explanation":
			case "link":
			case "encoder_lost":
				return;
			default:
				message satisfies never;
		}
	}

	/** Sends a track on a source's line, or nothing. The track stays the caller's, who also stops it. */
	async send(source: Source, track: MediaStreamTrack | null): Promise<void> {
		this.#tracks.set(source, track);
		const sender = this.#senders.get(source);
		if (sender && sender.track !== track) await sender.replaceTrack(track);
		if (source === "camera" && track) await this.#applyLayers("camera");
	}

	/** The stream of a receive line, by its `mid`. */
	stream(mid: string): MediaStream | null {
		const known = this.#streams.get(mid);
		if (known) return known;
		const line = this.#connection
			?.getTransceivers()
			.find(
				(transceiver) =>
					transceiver.mid === mid && transceiver.direction === "recvonly",
			);
		if (!line) return null;
		const stream = new MediaStream([line.receiver.track]);
		this.#streams.set(mid, stream);
		return stream;
	}

	/** The `mid`s of the voices, in order; empty before the first offer. */
	audioMids(): string[] {
		const lines = linesOf(this.#options.profile);
		return (this.#connection?.getTransceivers() ?? []).flatMap(
			(transceiver, index) => {
				const line = lines[index];
				const voice = line?.direction === "recvonly" && line.slot === "audio";
				return voice && transceiver.mid !== null ? [transceiver.mid] : [];
			},
		);
	}

	/** Whether any RTP came since this was last asked. */
	hears(): boolean {
		let heard = false;
		for (const { receiver, direction } of this.#connection?.getTransceivers() ??
			[]) {
			if (direction !== "recvonly") continue;
			for (const {
				source,
				rtpTimestamp,
			} of receiver.getSynchronizationSources?.() ?? []) {
				if (this.#sources.get(source) === rtpTimestamp) continue;
				this.#sources.set(source, rtpTimestamp);
				heard = true;
			}
		}
		return heard;
	}

	/** How often ICE was answered on the path in use since it opened; null without one. */
	async iceAnswers(): Promise<number | null> {
		return (await this.stats())?.iceAnswers ?? null;
	}

	/** What the browser measures. */
	async stats(): Promise<PeerStats | null> {
		return this.#connection
			? readStats(await this.#connection.getStats())
			: null;
	}

	/** Ends it for good. */
	close(): void {
		this.#closed = true;
		this.#discard();
	}

	/** ICE itself prefers UDP to TCP, and both to a relay. */
	#configuration(): RTCConfiguration {
		return {
			bundlePolicy: "max-bundle",
			rtcpMuxPolicy: "require",
			iceServers: this.#options.iceServers().map((server) => ({ ...server })),
		};
	}

	#addLine(connection: RTCPeerConnection, line: Line): void {
		const sendEncodings =
			line.direction === "recvonly" || line.source === "microphone"
				? undefined
				: line.source === "camera"
					? encodingsOf(this.#codec, this.#cameraLines())
					: SCREEN_ENCODINGS.map((encoding) => ({ ...encoding }));
		const transceiver = connection.addTransceiver(line.kind, {
			direction: line.direction,
			...(sendEncodings && { sendEncodings }),
		});
		const codecs = RTCRtpReceiver.getCapabilities?.(line.kind)?.codecs;
		if (codecs) {
			const chosen = lineCodecs(line, codecs, this.#codec);
			if (chosen.length > 0) transceiver.setCodecPreferences?.(chosen);
		}
		if (line.direction === "sendonly") {
			this.#senders.set(line.source, transceiver.sender);
			const track = this.#tracks.get(line.source);
			// A disabled or missing track leaves the line silent; the offer is the same.
			if (track) void transceiver.sender.replaceTrack(track);
		}
	}

	/** Sends an offer, and applies it meanwhile: gathering takes part in what the server needs to answer. */
	async #negotiate(
		{ connection, offer }: Made,
		iceRestart: boolean,
	): Promise<void> {
		const number = ++this.#negotiation;
		this.#described = connection
			.setLocalDescription(offer)
			// Then no answer fits, and the timer begins anew.
			.catch(() => undefined);
		this.#later(NEGOTIATION_MS, () => {
			this.#judge(connection);
			return this.start();
		});
		const outcome = await this.#options.offer(offer.sdp ?? "", iceRestart);
		if (number !== this.#negotiation || this.#closed) return;
		switch (outcome) {
			case "accepted":
				if (!iceRestart) this.#options.accepted();
				return;
			case "no_peer":
				await this.start();
				return;
			case "refused":
				clearTimeout(this.#timer);
				this.#options.refused();
				return;
			case "lost":
				// Signaling broke; `resume` takes it up again.
				clearTimeout(this.#timer);
				return;
			default:
				outcome satisfies never;
		}
	}

	async #answered(sdp: string): Promise<void> {
		await this.#described;
		const connection = this.#connection;
		if (connection?.signalingState !== "have-local-offer") return;
		await connection.setRemoteDescription({
			type: "answer",
			sdp: withOpusParameters(sdp),
		});
		for (const source of this.#wanted.keys()) await this.#applyLayers(source);
		this.#iceChanged(connection);
	}

	/** Makes the encodings of a source those that its capture allows and somebody takes. */
	async #applyLayers(source: Source): Promise<void> {
		const sender = this.#senders.get(source);
		if (!sender || source === "microphone") return;
		const rids = this.#wanted.get(source);
		const parameters = sender.getParameters();
		const allowed =
			source === "camera"
				? encodingsOf(this.#codec, this.#cameraLines())
				: SCREEN_ENCODINGS;
		for (const [index, encoding] of parameters.encodings.entries()) {
			const layer = allowed[index];
			// A screen has one layer and no rid: whoever takes any of it takes that.
			const taken =
				rids === undefined ||
				(layer?.rid === undefined ? rids.length > 0 : rids.includes(layer.rid));
			Object.assign(encoding, layer, {
				active: taken && layer?.active !== false,
			});
		}
		// A sender refuses parameters while another call is under way; the next message repeats the wish.
		await sender.setParameters(parameters).catch(() => undefined);
	}

	/** The lines of what the camera captures; a good camera is assumed until there is one. */
	#cameraLines(): number {
		return this.#tracks.get("camera")?.getSettings?.().height ?? 720;
	}

	/** Tells why a connection found no path; nothing when the server never answered it. */
	#judge(connection: RTCPeerConnection): void {
		const [local, remote] = [
			connection.localDescription,
			connection.remoteDescription,
		];
		if (!local || !remote) return;
		const relayOffered = this.#options.iceServers().length > 0;
		this.#options.blocked(obstacleOf(local.sdp, remote.sdp, relayOffered));
	}

	#iceChanged(connection: RTCPeerConnection): void {
		if (connection !== this.#connection || this.#closed) return;
		switch (connection.iceConnectionState) {
			case "connected":
			case "completed":
				clearTimeout(this.#timer);
				this.#options.connected(true);
				return;
			case "disconnected":
				this.#options.connected(false);
				this.#later(PATIENCE_MS, () => this.restart());
				return;
			case "failed":
				this.#options.connected(false);
				void this.restart();
				return;
			case "new":
			case "checking":
			case "closed":
				return;
			default:
				connection.iceConnectionState satisfies never;
		}
	}

	/** There is one timer: each new condition replaces what was waited for. */
	#later(ms: number, act: () => Promise<void>): void {
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => void act(), ms);
	}

	#discard(): void {
		clearTimeout(this.#timer);
		this.#negotiation += 1;
		this.#prepared = null;
		const connection = this.#connection;
		this.#connection = null;
		this.#senders.clear();
		this.#streams.clear();
		this.#sources.clear();
		this.#wanted.clear();
		if (!connection) return;
		connection.oniceconnectionstatechange = null;
		connection.onconnectionstatechange = null;
		connection.close();
		this.#options.connected(false);
	}
}
