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
		receiver: { track: MediaStreamTrack };
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
