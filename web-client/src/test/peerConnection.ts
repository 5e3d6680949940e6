/** A browser's peer connection without a network. */
export class FakeConnection {
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
		receiver: {
			track: MediaStreamTrack;
			getSynchronizationSources: () => {
				source: number;
				rtpTimestamp: number;
			}[];
		};
	}[] = [];
	signalingState = "stable";
	iceConnectionState = "new";
	remoteDescription: { sdp: string } | null = null;
	localDescription: { sdp: string } | null = null;
	oniceconnectionstatechange: (() => void) | null = null;
	onconnectionstatechange: (() => void) | null = null;
	restarts = 0;
	configuration: RTCConfiguration = {};
	gatheredWith: string[] = [];
	closed = false;
	/** The timestamp of the last packet that came; rises while media flow. */
	rtp = 0;
	/** How often ICE was answered. */
	answers = 0;

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
			receiver: {
				track: {} as MediaStreamTrack,
				getSynchronizationSources: () =>
					this.rtp > 0 ? [{ source: 1, rtpTimestamp: this.rtp }] : [],
			},
		};
		this.transceivers.push(transceiver);
		return transceiver;
	}

	getTransceivers() {
		return this.transceivers;
	}

	async createOffer({ iceRestart = false }: RTCOfferOptions = {}) {
		return { type: "offer", sdp: iceRestart ? "restart" : "offer" };
	}

	async setLocalDescription(description: { sdp: string }) {
		const servers = this.configuration.iceServers ?? [];
		this.gatheredWith = servers.map(({ username = "" }) => username);
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

	setConfiguration(configuration: RTCConfiguration) {
		this.configuration = configuration;
	}

	async getStats() {
		return new Map([
			[
				"pair",
				{
					type: "candidate-pair",
					selected: true,
					responsesReceived: this.answers,
				},
			],
		]);
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
