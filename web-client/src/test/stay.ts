import { vi } from "vitest";
import type { Command } from "@/protocol/generated/Command";
import type { Event } from "@/protocol/generated/Event";
import type { RoomState as Snapshot } from "@/protocol/generated/RoomState";
import type { Welcome } from "@/protocol/generated/Welcome";
import { OwnDevices } from "@/room/media/ownDevices";
import { fromSnapshot } from "@/room/state/state";
import { type Entrance, RoomSession } from "@/room/stay/session";
import { FakeMachine } from "./machine";
import { FakeConnection } from "./peerConnection";
import { actsOf, meeting } from "./room";
import { FakeSocket } from "./socket";

/** Loudness that the pretended microphones give, in dBFS; read by the meters of a page under test. */
export const loudness = { db: Number.NEGATIVE_INFINITY };

/** The browser's parts that a stay needs: sockets, peer connections and meters that a test holds in its hand. */
export function stubBrowser() {
	const sockets: FakeSocket[] = [];
	const peers: FakeConnection[] = [];
	loudness.db = Number.NEGATIVE_INFINITY;
	vi.stubGlobal(
		"WebSocket",
		class extends FakeSocket {
			constructor() {
				super();
				sockets.push(this);
			}
		},
	);
	vi.stubGlobal(
		"RTCPeerConnection",
		class extends FakeConnection {
			constructor() {
				super();
				peers.push(this);
			}
		},
	);
	vi.stubGlobal("RTCRtpReceiver", { getCapabilities: () => null });
	vi.stubGlobal("RTCRtpSender", { getCapabilities: () => null });
	vi.stubGlobal("MediaStream", class {});
	vi.stubGlobal(
		"AudioContext",
		class {
			state = "running";
			createMediaStreamSource = () => ({
				connect: () => undefined,
				disconnect: () => undefined,
			});
			createAnalyser = () => ({
				fftSize: 0,
				getFloatTimeDomainData: (samples: Float32Array) =>
					samples.fill(10 ** (loudness.db / 20)),
			});
			close = async () => undefined;
			resume = async () => undefined;
		},
	);
	return { sockets, peers };
}

/** Brings somebody into a room on a machine, up to the welcome. */
export async function comeIn(
	you: string,
	{
		snapshot = meeting(),
		machine = new FakeMachine().has("camera", "cam").has("microphone", "mic"),
		entrance = {},
		wanted = { camera: true, microphone: true },
		welcome = {},
	}: {
		snapshot?: Snapshot;
		machine?: FakeMachine;
		entrance?: Partial<Entrance>;
		wanted?: { camera: boolean; microphone: boolean };
		welcome?: Partial<Welcome>;
	} = {},
) {
	const { sockets, peers } = stubBrowser();
	const devices = new OwnDevices(machine.platform);
	await devices.start(wanted);
	const session = new RoomSession({
		session: "GB-11",
		role: "point",
		profile: "desk",
		devices,
		microphoneOn: false,
		receive: "everything",
		...entrance,
	});
	session.start();
	const settled = () => vi.advanceTimersByTimeAsync(0);
	await settled();
	const socket = () => {
		const last = sockets.at(-1);
		if (!last) throw new Error("no socket was opened");
		return last;
	};
	const may = actsOf(fromSnapshot(snapshot, null), you);
	socket().welcomes({ you, state: snapshot, seq: 0, may, ...welcome });
	await settled();
	let seq = 0;
	return {
		session,
		devices,
		machine,
		sockets,
		peers,
		socket,
		settled,
		/** The server says that something happened, and what one may do after it. */
		async happens(event: Event) {
			seq += 1;
			socket().says({ type: "event", seq, at_us: Date.now() * 1000, event });
			const { room } = session.store.getState();
			if (room) socket().says({ type: "may", acts: actsOf(room, you) });
			await settled();
		},
		/** What was asked of the server, of these kinds, in order. */
		asked: (...types: Command["type"][]) =>
			sockets.flatMap((one) =>
				one.commands.flatMap((frame) =>
					frame.type === "command" && types.includes(frame.command.type)
						? [frame.command]
						: [],
				),
			),
		/** The keys of what the person is told at the moment. */
		told: () => session.store.getState().notices.map(({ key }) => key),
		view: () => session.store.getState(),
	};
}
