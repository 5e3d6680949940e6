// What runs inside a page under test, before the page's own scripts. Nothing here ships.

/** Keeps the peer connections of the page where a test finds them, and makes cameras small: two cores serve all. */
export function instruments(): void {
	const peers: RTCPeerConnection[] = [];
	Object.assign(window, { peersUnderTest: peers });
	const Original = window.RTCPeerConnection;
	window.RTCPeerConnection = class extends Original {
		constructor(configuration?: RTCConfiguration) {
			super(configuration);
			peers.push(this);
		}
	};
	const devices = navigator.mediaDevices;
	if (!devices) return;
	const open = devices.getUserMedia.bind(devices);
	devices.getUserMedia = (wanted) =>
		open({
			...wanted,
			...(wanted?.video && {
				video: {
					...(typeof wanted.video === "object" &&
						wanted.video.deviceId && { deviceId: wanted.video.deviceId }),
					width: 640,
					height: 360,
					frameRate: 10,
				},
			}),
		});
	// A headless browser has no screen to choose; a painted one is as good as any.
	devices.getDisplayMedia = async () => {
		const canvas = document.createElement("canvas");
		canvas.width = 640;
		canvas.height = 360;
		const pen = canvas.getContext("2d");
		let step = 0;
		const paint = () => {
			if (!pen) return;
			step += 1;
			pen.fillStyle = "#ffffff";
			pen.fillRect(0, 0, 640, 360);
			pen.fillStyle = "#7a1f1f";
			pen.font = "bold 40px sans-serif";
			pen.fillText(`Bài trình chiếu ${step}`, 40, 180);
		};
		paint();
		setInterval(paint, 200);
		return canvas.captureStream(5);
	};
}

/** When what happened after the door's key was pressed, in milliseconds since then. */
export interface JoinMarks {
	welcome?: number;
	offer?: number;
	answer?: number;
	connected?: number;
	/** The first frame of somebody's picture, on screen. */
	frame?: number;
}

/** Notes how a page comes in: from the press of the key to the first picture of somebody else. */
export function watchJoining(): void {
	const marks: JoinMarks = {};
	let pressed = Number.NaN;
	Object.assign(window, { joinMarksUnderTest: marks });
	const mark = (what: keyof JoinMarks) => {
		marks[what] ??= Math.round(performance.now() - pressed);
	};
	document.addEventListener(
		"click",
		({ target }) => {
			const key = target instanceof Element && target.closest("button");
			if (key && key.dataset.testid === "join") pressed = performance.now();
		},
		{ capture: true },
	);
	const { send } = WebSocket.prototype;
	WebSocket.prototype.send = function (data) {
		if (String(data).includes('"type":"offer"')) mark("offer");
		this.addEventListener("message", ({ data: said }) => {
			if (String(said).startsWith('{"type":"welcome"')) mark("welcome");
			if (String(said).includes('"type":"answer"')) mark("answer");
		});
		send.call(this, data);
	};
	const look = () => {
		const { peersUnderTest } = window as unknown as {
			peersUnderTest: RTCPeerConnection[];
		};
		if (peersUnderTest.at(-1)?.connectionState === "connected")
			mark("connected");
		const pictures = document.querySelectorAll<HTMLVideoElement>(
			"[data-testid=room] video[data-slot]",
		);
		for (const picture of pictures) {
			if (picture.dataset.watched) continue;
			picture.dataset.watched = "yes";
			picture.requestVideoFrameCallback(() => mark("frame"));
		}
		requestAnimationFrame(look);
	};
	requestAnimationFrame(look);
}

/** Reads what {@link watchJoining} noted. */
export const readJoinMarks = (): JoinMarks =>
	(window as unknown as { joinMarksUnderTest: JoinMarks }).joinMarksUnderTest;

/** Brings a page's media to this machine's port, whatever the server's answers say, and over UDP alone. */
export function comeThrough(port: number): void {
	const another = (line: string): string[] => {
		if (!line.startsWith("a=candidate:")) return [line];
		if (!/^\S+ \d udp /i.test(line)) return [];
		return [line.replace(/ \S+ \d+ typ /, ` 127.0.0.1 ${port} typ `)];
	};
	const Original = window.RTCPeerConnection;
	window.RTCPeerConnection = class extends Original {
		override setRemoteDescription(
			description: RTCSessionDescriptionInit,
		): Promise<void> {
			const sdp = description.sdp?.split("\r\n").flatMap(another).join("\r\n");
			return super.setRemoteDescription({ ...description, sdp });
		}
	};
}

/**
 * Lets a test pull painted cameras and beeping microphones out of the computer, and plug them in again: they leave the list,
 * their tracks end as the browser ends them, and nothing opens them. That this is what browsers do is not proven here; what
 * really happens with sound cards is in `soundCards.ts`.
 */
export function pullable(): void {
	const { mediaDevices } = navigator;
	if (!mediaDevices) return;
	const gone = new Set<string>();
	const open = new Set<MediaStreamTrack>();
	const enumerate = mediaDevices.enumerateDevices.bind(mediaDevices);
	const getUserMedia = mediaDevices.getUserMedia.bind(mediaDevices);
	mediaDevices.enumerateDevices = async () =>
		(await enumerate()).filter(({ label }) => !gone.has(label));
	const wanted = (constraint: boolean | MediaTrackConstraints | undefined) =>
		typeof constraint === "object" && constraint.deviceId
			? (constraint.deviceId as { exact: string }).exact
			: null;
	mediaDevices.getUserMedia = async (constraints) => {
		const devices = await enumerate();
		for (const kind of ["audio", "video"] as const) {
			const asked = constraints?.[kind];
			if (!asked) continue;
			const id = wanted(asked);
			const there = devices.filter(
				({ kind: of, label, deviceId }) =>
					of === `${kind}input` &&
					!gone.has(label) &&
					(id === null || deviceId === id),
			);
			const [first] = there;
			if (!first) throw new DOMException("none", "NotFoundError");
			if (id === null && gone.size > 0) {
				const base = typeof asked === "object" ? asked : {};
				constraints = {
					...constraints,
					[kind]: { ...base, deviceId: { exact: first.deviceId } },
				};
			}
		}
		const stream = await getUserMedia(constraints);
		for (const track of stream.getTracks()) open.add(track);
		return stream;
	};
	const changed = () => mediaDevices.dispatchEvent(new Event("devicechange"));
	Object.assign(window, {
		pullUnderTest: (name: string) => {
			gone.add(name);
			for (const track of open) {
				if (track.label !== name || track.readyState === "ended") continue;
				track.stop();
				track.dispatchEvent(new Event("ended"));
			}
			changed();
		},
		plugUnderTest: (name: string) => {
			gone.delete(name);
			changed();
		},
	});
}

/** Pulls a device out of a computer that is {@link pullable}. */
export const pullDevice = (name: string): void =>
	(
		window as unknown as { pullUnderTest: (name: string) => void }
	).pullUnderTest(name);

/** Plugs it in again. */
export const plugDevice = (name: string): void =>
	(
		window as unknown as { plugUnderTest: (name: string) => void }
	).plugUnderTest(name);

/** Makes a page's microphone deaf to being switched off: a cheating client. */
export function cheat(): void {
	const property = Object.getOwnPropertyDescriptor(
		MediaStreamTrack.prototype,
		"enabled",
	);
	Object.defineProperty(MediaStreamTrack.prototype, "enabled", {
		...property,
		set(on: boolean) {
			property?.set?.call(this, on || this.kind === "audio");
		},
	});
}

/** One line as the browser measures it. */
export interface LineStats {
	mid: string;
	kind: "audio" | "video";
	bytes: number;
	packets: number;
	frames: number;
	/** As in `RTCRtpCodec.mimeType`; empty before the first packet. */
	codec: string;
	width: number;
	height: number;
	/** Energy of the sound since the beginning; grows while something is heard. */
	energy: number;
}

/** Reads what the page's living peer connection receives and sends. */
export async function readLines(): Promise<{
	received: LineStats[];
	sent: (LineStats & { rid: string | null })[];
	peers: number;
}> {
	const peers = (window as unknown as { peersUnderTest: RTCPeerConnection[] })
		.peersUnderTest;
	const peer = peers.at(-1);
	const received: LineStats[] = [];
	const sent: (LineStats & { rid: string | null })[] = [];
	const number = (value: unknown) => (typeof value === "number" ? value : 0);
	const sources = new Map<string, number>();
	const report = peer ? await peer.getStats() : new Map();
	for (const entry of report.values()) {
		if (entry.type === "media-source" && entry.kind === "audio") {
			sources.set(entry.id, number(entry.totalAudioEnergy));
		}
	}
	for (const entry of report.values()) {
		const line = {
			mid: String(entry.mid ?? ""),
			kind: entry.kind,
			packets: number(entry.packetsReceived) + number(entry.packetsSent),
			bytes: number(entry.bytesReceived) + number(entry.bytesSent),
			frames: number(entry.framesDecoded) + number(entry.framesEncoded),
			codec: String(report.get(entry.codecId)?.mimeType ?? ""),
			width: number(entry.frameWidth),
			height: number(entry.frameHeight),
			energy:
				number(entry.totalAudioEnergy) +
				(sources.get(entry.mediaSourceId) ?? 0),
		};
		if (entry.type === "inbound-rtp") received.push(line);
		if (entry.type === "outbound-rtp") {
			sent.push({ ...line, rid: entry.rid ?? null });
		}
	}
	return { received, sent, peers: peers.length };
}

/** How the page's living peer connection reaches the server: the transport of its path in use, null before there is one. */
export async function readPath(): Promise<string | null> {
	const peers = (window as unknown as { peersUnderTest: RTCPeerConnection[] })
		.peersUnderTest;
	const report = await peers.at(-1)?.getStats();
	const entries = [...(report?.values() ?? [])];
	const transport = entries.find(({ type }) => type === "transport");
	const pair = report?.get(transport?.selectedCandidatePairId);
	const local = report?.get(pair?.localCandidateId);
	// A relay is reached over a protocol of its own.
	return local?.relayProtocol ?? local?.protocol ?? null;
}

/** Plays a session in an otherwise empty page: one picture and one voice by WHEP, without a line of the product's code. */
export async function playByWhep({
	endpoint,
	token,
}: {
	endpoint: string;
	token: string;
}): Promise<void> {
	const peer = new RTCPeerConnection();
	const lines = ["video", "audio"].map((kind) =>
		peer.addTransceiver(kind, { direction: "recvonly" }),
	);
	await peer.setLocalDescription();
	const answer = await fetch(endpoint, {
		method: "POST",
		headers: {
			authorization: `Bearer ${token}`,
			"content-type": "application/sdp",
		},
		body: peer.localDescription?.sdp ?? "",
	});
	if (answer.status !== 201) {
		throw new Error(`WHEP: ${answer.status} ${await answer.text()}`);
	}
	await peer.setRemoteDescription({ type: "answer", sdp: await answer.text() });
	Object.assign(window, { resource: answer.headers.get("location") });
	for (const { mid, receiver } of lines) {
		const player = document.createElement(receiver.track.kind);
		if (!(player instanceof HTMLMediaElement)) continue;
		player.srcObject = new MediaStream([receiver.track]);
		player.autoplay = true;
		player.dataset.slot = mid ?? "";
		document.body.append(player);
	}
}

/**
 * Restarts ICE of what `playByWhep` plays, as RFC 9725 (4.3) says: a `PATCH` with the new credentials, an answer with the
 * server's. Gives the user name fragment that packets must come under from then on.
 */
export async function restartByWhep({
	token,
}: {
	token: string;
}): Promise<string> {
	const { peersUnderTest, resource } = window as unknown as {
		peersUnderTest: RTCPeerConnection[];
		resource: string;
	};
	const peer = peersUnderTest.at(-1);
	if (!peer?.currentRemoteDescription) throw new Error("nothing is played");
	await peer.setLocalDescription(await peer.createOffer({ iceRestart: true }));
	const offered = (peer.localDescription?.sdp ?? "").split("\r\n");
	const first = (start: string, lines = offered) =>
		lines.find((line) => line.startsWith(start)) ?? "";
	const patch = (condition: Record<string, string>) =>
		fetch(resource, {
			method: "PATCH",
			headers: {
				authorization: `Bearer ${token}`,
				"content-type": "application/trickle-ice-sdpfrag",
				...condition,
			},
			body: [
				first("a=group:"),
				first("m="),
				first("a=mid:"),
				first("a=ice-ufrag:"),
				first("a=ice-pwd:"),
				"",
			].join("\r\n"),
		});
	for (const [condition, status] of [
		[{}, 428],
		[{ "if-match": '"another"' }, 412],
	] as const) {
		const refused = await patch(condition);
		if (refused.status !== status) throw new Error(`${refused.status}`);
	}
	const restarted = await patch({ "if-match": "*" });
	if (restarted.status !== 200 || !restarted.headers.get("etag")) {
		throw new Error(`PATCH: ${restarted.status} ${await restarted.text()}`);
	}
	const fragment = (await restarted.text()).split("\r\n");
	const answer = peer.currentRemoteDescription.sdp
		.split("\r\n")
		.filter((line) => !line.startsWith("a=candidate:"))
		.map((line) => {
			const start = ["a=ice-ufrag:", "a=ice-pwd:"].find((start) =>
				line.startsWith(start),
			);
			return start ? first(start, fragment) : line;
		})
		.join("\r\n");
	await peer.setRemoteDescription({ type: "answer", sdp: answer });
	// Only what the fragment tells is known of the server from here on.
	for (const line of fragment) {
		if (!line.startsWith("a=candidate:")) continue;
		const candidate = { candidate: line.slice(2), sdpMLineIndex: 0 };
		await peer.addIceCandidate(candidate);
	}
	return first("a=ice-ufrag:").slice("a=ice-ufrag:".length);
}

/** Under which user name fragment the newest peer connection sends, once it has a path. */
export async function readUfrag(): Promise<string | null> {
	const { peersUnderTest } = window as unknown as {
		peersUnderTest: RTCPeerConnection[];
	};
	const report = await peersUnderTest.at(-1)?.getStats();
	const entries = [...(report?.values() ?? [])];
	const transport = entries.find(({ type }) => type === "transport");
	const pair = report?.get(transport?.selectedCandidatePairId);
	return report?.get(pair?.localCandidateId)?.usernameFragment ?? null;
}

/** Looks at a `<video>`: how bright its picture is on average, 0 to 255; null without a picture. */
export function readPicture(video: HTMLVideoElement): number | null {
	if (video.videoWidth === 0) return null;
	const canvas = document.createElement("canvas");
	canvas.width = 64;
	canvas.height = 36;
	const pen = canvas.getContext("2d", { willReadFrequently: true });
	if (!pen) return null;
	pen.drawImage(video, 0, 0, 64, 36);
	const { data } = pen.getImageData(0, 0, 64, 36);
	let light = 0;
	for (let at = 0; at < data.length; at += 4) {
		light += (data[at] ?? 0) + (data[at + 1] ?? 0) + (data[at + 2] ?? 0);
	}
	return (light * 4) / (3 * data.length);
}

/** Applies local descriptions two seconds late, as a busy machine may: by then the server has assigned lines. */
export function describeLate(): void {
	type Describe = (
		this: RTCPeerConnection,
		description?: RTCLocalSessionDescriptionInit,
	) => Promise<void>;
	const described: Describe = RTCPeerConnection.prototype.setLocalDescription;
	const late: Describe = async function (description) {
		await new Promise((done) => setTimeout(done, 2_000));
		return described.call(this, description);
	};
	RTCPeerConnection.prototype.setLocalDescription = late;
}

/** Presses a key of the page for so long by the page's own clock, which no slow machine draws out. */
export async function pressFor(key: Element, ms: number): Promise<void> {
	const pointer = { bubbles: true, pointerId: 1, isPrimary: true, button: 0 };
	key.dispatchEvent(new PointerEvent("pointerdown", pointer));
	await new Promise((done) => setTimeout(done, ms));
	key.dispatchEvent(new PointerEvent("pointerup", pointer));
}
