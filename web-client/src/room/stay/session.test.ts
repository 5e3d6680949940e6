import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RoomState as Snapshot } from "@/protocol/generated/RoomState";
import { INTERRUPTED_MS } from "@/room/media/capture";
import { SILENT_MS } from "@/room/media/hearing";
import { FakeMachine } from "@/test/machine";
import { granted, hand, meeting, person, released, turn } from "@/test/room";
import { comeIn, loudness } from "@/test/stay";

const open = { on: true, muted: false, locked: false, granted: false };
const hall = (change: Parameters<typeof person>[1] = {}) =>
	meeting({
		participants: [
			person("so", { seat: 1, role: "chair" }),
			person("vinh", { seat: 2, camera_on: false, ...change }),
		],
	});

/** What the peer connection sends on its microphone and camera lines. */
const sends = (peers: Awaited<ReturnType<typeof comeIn>>["peers"]) =>
	(peers.at(-1)?.transceivers ?? [])
		.slice(0, 2)
		.map(({ sender }) => sender.track?.label ?? null);

describe("a stay in a room", () => {
	beforeEach(() => void vi.useFakeTimers());
	afterEach(() => void vi.useRealTimers());

	it("sends the devices of the device check, and tells the room of the camera", async () => {
		const { peers, asked } = await comeIn("vinh", { snapshot: hall() });
		expect(sends(peers)).toEqual(["mic", "cam"]);
		expect(asked("set_camera")).toEqual([{ type: "set_camera", on: true }]);
	});

	it("a microphone from the device check that dies in the room is told and replaced on the same line", async () => {
		const machine = new FakeMachine()
			.has("camera", "cam")
			.has("microphone", "mic")
			.has("microphone", "spare");
		const { peers, told, settled, asked } = await comeIn("vinh", {
			machine,
			snapshot: hall({ microphone: open }),
			entrance: { microphoneOn: true },
		});
		machine.pull("microphone", "mic");
		expect(told()).toEqual(["device_lost"]);
		await settled();
		expect(sends(peers)).toEqual(["spare", "cam"]);
		expect(told()).toEqual(["device_replaced"]);
		const replaced = machine.live().find(({ kind }) => kind === "audio");
		expect(replaced?.enabled).toBe(true);
		machine.plug("microphone", "mic");
		await settled();
		expect(sends(peers)).toEqual(["mic", "cam"]);
		expect(told()).toEqual(["device_back"]);
		// Nobody but the owner's own press writes the switch.
		expect(asked("set_microphone")).toEqual([]);
	});

	it("a closed microphone stays closed when another takes over", async () => {
		const machine = new FakeMachine()
			.has("microphone", "mic")
			.has("microphone", "spare");
		const { settled } = await comeIn("vinh", {
			machine,
			snapshot: hall(),
			wanted: { camera: false, microphone: true },
		});
		machine.pull("microphone", "mic");
		await settled();
		const spare = machine.live().find(({ label }) => label === "spare");
		expect(spare?.enabled).toBe(false);
	});

	it("the room is told when the camera gives no picture, and when it gives one again", async () => {
		const { machine, asked, settled } = await comeIn("vinh", {
			snapshot: hall(),
		});
		machine.pull("camera", "cam");
		await settled();
		machine.plug("camera", "cam");
		await settled();
		expect(
			asked("set_camera").map((command) => "on" in command && command.on),
		).toEqual([true, false, true]);
	});

	it("choosing another camera in the room is not told as one that went", async () => {
		const machine = new FakeMachine()
			.has("camera", "cam")
			.has("camera", "desk cam")
			.has("microphone", "mic");
		const { devices, peers, asked, settled } = await comeIn("vinh", {
			machine,
			snapshot: hall(),
		});
		await devices.choose("camera", devices.state.lists.camera[1] ?? null);
		await settled();
		expect(sends(peers)).toEqual(["mic", "desk cam"]);
		expect(asked("set_camera")).toHaveLength(1);
	});

	it("a call on the phone takes camera and microphone for a while, and gives them back", async () => {
		const { machine, asked, view, told } = await comeIn("vinh", {
			snapshot: hall({ microphone: open }),
			entrance: { microphoneOn: true },
		});
		for (const track of machine.live()) track.mutedBySystem(true);
		await vi.advanceTimersByTimeAsync(INTERRUPTED_MS);
		expect(view().own.microphoneTrouble).toBe("interrupted");
		expect(told()).toEqual(["device_interrupted", "device_interrupted"]);
		for (const track of machine.live()) track.mutedBySystem(false);
		await vi.advanceTimersByTimeAsync(0);
		expect(told()).toEqual(["device_resumed", "device_resumed"]);
		expect(
			asked("set_camera", "set_microphone").map(
				(command) => "on" in command && command.on,
			),
		).toEqual([true, false, true]);
	});

	it("somebody who speaks into a closed microphone is told once in a while, and with the lock in words", async () => {
		const { told, session, happens } = await comeIn("vinh", {
			snapshot: hall(),
		});
		loudness.db = -20;
		await vi.advanceTimersByTimeAsync(3_000);
		expect(told()).toEqual(["hearing_closed"]);
		session.dismiss(session.store.getState().notices[0]?.id ?? 0);
		await vi.advanceTimersByTimeAsync(10_000);
		expect(told()).toEqual([]);
		await happens({
			type: "microphone_changed",
			participant: "vinh",
			microphone: { ...open, locked: true },
			by: "vinh",
		});
		await vi.advanceTimersByTimeAsync(30_000);
		expect(told()).toEqual(["hearing_locked"]);
	});

	it("an open microphone that gives nothing is said for as long as that lasts", async () => {
		const { view } = await comeIn("vinh", {
			snapshot: hall({ microphone: open }),
		});
		await vi.advanceTimersByTimeAsync(SILENT_MS + 1_000);
		expect(view().own.hearing).toBe("silent");
		loudness.db = -20;
		await vi.advanceTimersByTimeAsync(400);
		expect(view().own.hearing).toBe("fine");
	});

	it("a viewer's devices are opened with the floor and let go with it", async () => {
		const { machine, happens } = await comeIn("vinh", {
			snapshot: hall({ role: "viewer" }),
			wanted: { camera: false, microphone: false },
		});
		expect(machine.asked).toEqual([]);
		await happens(granted("vinh", "so"));
		await happens({
			type: "microphone_changed",
			participant: "vinh",
			microphone: open,
			by: "so",
		});
		const opened = machine.live().find(({ kind }) => kind === "audio");
		expect(opened?.enabled).toBe(true);
		await happens(released("vinh"));
		expect(machine.live()).toEqual([]);
	});

	it("lets go of every device at the end", async () => {
		const { machine, session } = await comeIn("vinh", { snapshot: hall() });
		session.dispose();
		expect(machine.live()).toEqual([]);
		expect(machine.watched).toBe(false);
	});
});

describe("a choice in a room", () => {
	beforeEach(() => void vi.useFakeTimers());
	afterEach(() => void vi.useRealTimers());

	const cameraTold = (asked: Awaited<ReturnType<typeof comeIn>>["asked"]) =>
		asked("set_camera").map((command) => "on" in command && command.on);

	it("to listen only rests the camera too, and gives it back", async () => {
		const { session, asked, machine, settled } = await comeIn("vinh", {
			snapshot: hall(),
		});
		void session.setReceive("audio_only");
		await settled();
		expect(machine.live().map(({ kind }) => kind)).toEqual(["audio"]);
		void session.setReceive("everything");
		await settled();
		expect(machine.live().map(({ kind }) => kind)).toContain("video");
		expect(cameraTold(asked)).toEqual([true, false, true]);
	});

	it("to listen only, made in the device check, sends no picture from the start", async () => {
		const { asked, peers } = await comeIn("vinh", {
			snapshot: hall(),
			entrance: { receive: "audio_only" },
		});
		expect(sends(peers)).toEqual(["mic", null]);
		expect(cameraTold(asked)).toEqual([]);
	});

	it("a camera that was off stays off afterwards, and one that is switched on meanwhile stays on", async () => {
		const off = await comeIn("vinh", {
			snapshot: hall(),
			wanted: { camera: false, microphone: true },
		});
		void off.session.setReceive("audio_only");
		void off.session.setReceive("low");
		await off.settled();
		expect(off.machine.live().map(({ kind }) => kind)).toEqual(["audio"]);
		void off.session.setReceive("audio_only");
		await off.session.setCamera(true);
		expect(cameraTold(off.asked)).toEqual([true]);
	});

	it("to go to another page asks in the room, and not once one has left", async () => {
		const { session, socket } = await comeIn("vinh", { snapshot: hall() });
		expect(session.asksBeforeLeaving()).toBe(true);
		expect(session.store.getState().leaving).toBe(true);
		session.askToLeave(false);
		expect(session.store.getState().leaving).toBe(false);
		socket().says({ type: "bye", reason: { type: "left" } });
		expect(session.asksBeforeLeaving()).toBe(false);
		expect(session.store.getState().leaving).toBe(false);
	});

	it("to close the page is asked of who is in charge, heard, shown or waited for, and of nobody else", async () => {
		const missed = async (you: string, snapshot: Snapshot) => {
			const { session } = await comeIn(you, { snapshot });
			return session.missesWhenClosed;
		};
		expect(await missed("vinh", hall())).toBe(false);
		expect(await missed("so", hall())).toBe(true);
		expect(await missed("vinh", hall({ microphone: open }))).toBe(true);
		expect(await missed("vinh", { ...hall(), hands: [hand("vinh")] })).toBe(
			true,
		);
		const speaking = {
			...hall(),
			floor: "vinh",
			turn: turn(),
		};
		expect(await missed("vinh", speaking)).toBe(true);
		const { session, socket } = await comeIn("so", { snapshot: hall() });
		socket().says({ type: "bye", reason: { type: "left" } });
		expect(session.missesWhenClosed).toBe(false);
	});

	it("to open the microphone is void when its owner closes it before the device is there", async () => {
		const { session, asked, devices, settled } = await comeIn("vinh", {
			snapshot: hall(),
			wanted: { camera: false, microphone: false },
		});
		let there = (_: boolean): void => undefined;
		vi.spyOn(devices, "want").mockReturnValueOnce(
			new Promise((done) => {
				there = done;
			}),
		);
		void session.setMicrophone(true);
		void session.setMicrophone(false);
		there(true);
		await settled();
		expect(asked("set_microphone").at(-1)).toEqual({
			type: "set_microphone",
			on: false,
		});
	});

	it("of a screen is asked once, however often the key is pressed, and let go if one has left meanwhile", async () => {
		const stop = vi.fn();
		let pick = (_: object): void => undefined;
		const getDisplayMedia = vi.fn(
			() =>
				new Promise((done) => {
					pick = done;
				}),
		);
		vi.stubGlobal("navigator", {
			...navigator,
			mediaDevices: { getDisplayMedia },
		});
		const { session, socket, asked, settled } = await comeIn("vinh", {
			snapshot: hall(),
		});
		void session.setScreen(true);
		void session.setScreen(true);
		expect(getDisplayMedia).toHaveBeenCalledOnce();
		socket().says({ type: "bye", reason: { type: "left" } });
		pick({ getVideoTracks: () => [{ stop, addEventListener: vi.fn() }] });
		await settled();
		expect(stop).toHaveBeenCalledOnce();
		expect(asked("set_screen")).toEqual([]);
		vi.unstubAllGlobals();
	});

	it("to lower a hand is asked where its place is lost for good", async () => {
		const waiting = { ...hall(), hands: [hand("vinh"), hand("so")] };
		const chair = await comeIn("so", { snapshot: waiting });
		chair.session.lowerHand("vinh");
		expect(chair.view().lowering).toBe("vinh");
		expect(chair.asked("lower_hand")).toEqual([]);
		void chair.session.confirmLower("vinh");
		await chair.settled();
		expect(chair.asked("lower_hand")).toEqual([
			{ type: "lower_hand", participant: "vinh" },
		]);
		// The last of the queue loses nothing by asking again.
		chair.session.askToLower(null);
		chair.session.lowerHand("so");
		expect(chair.view().lowering).toBeNull();
		expect(chair.asked("lower_hand").at(-1)).toEqual({ type: "lower_hand" });
		const point = await comeIn("vinh", { snapshot: waiting });
		point.session.lowerHand("vinh");
		expect(point.view().lowering).toBe("vinh");
	});

	it("of the chair to lower one's hand is told; one's own is not", async () => {
		const { session, happens, told } = await comeIn("vinh", {
			snapshot: { ...hall(), hands: [hand("vinh")] },
		});
		session.lowerHand("vinh");
		await happens({ type: "hand_lowered", participant: "vinh" });
		expect(told()).not.toContain("hand_taken");
		await happens({ type: "hand_raised", participant: "vinh" });
		await happens({ type: "hand_lowered", participant: "vinh" });
		expect(told()).toContain("hand_taken");
	});

	it("to move here is told to the server, and only then", async () => {
		const plain = await comeIn("vinh", { snapshot: hall() });
		expect(plain.socket().sent[0]).not.toHaveProperty("take_over");
		const moved = await comeIn("vinh", {
			snapshot: hall(),
			entrance: { takeOver: true },
		});
		expect(moved.socket().sent[0]).toMatchObject({ take_over: true });
	});

	it("that is not on disk yet is in effect, and is said in words", async () => {
		const { session, socket, told, settled } = await comeIn("so", {
			snapshot: hall(),
		});
		const locking = session.ask({ type: "set_lock_all", locked: true });
		await settled();
		const id = socket().commands.at(-1);
		socket().says({
			type: "reply",
			id: id?.type === "command" ? id.id : 0,
			refusal: { code: "not_saved" },
		});
		expect(await locking).toBe(true);
		expect(told()).toContain("refusal_not_saved");
	});

	it("to remove somebody can be undone where it is told", async () => {
		const { session, socket, view, settled } = await comeIn("so", {
			snapshot: hall(),
		});
		void session.remove("vinh");
		await settled();
		const asked = socket().commands.at(-1);
		socket().says({
			type: "reply",
			id: asked?.type === "command" ? asked.id : 0,
		});
		await settled();
		expect(view().notices.at(-1)).toMatchObject({
			key: "removed",
			params: { name: "Vinh (vinh)" },
			action: { type: "readmit", participant: "vinh" },
		});
	});
});

describe("what is said of the journal", () => {
	beforeEach(() => void vi.useFakeTimers());
	afterEach(() => void vi.useRealTimers());

	it("stands for as long as it lasts, and its end is told", async () => {
		const { socket, view, told } = await comeIn("so", { snapshot: hall() });
		socket().says({ type: "journal", trouble: "database_away" });
		vi.advanceTimersByTime(1_000);
		expect(view().room?.journalTrouble).toBe("database_away");
		socket().says({ type: "journal", trouble: "disk_full" });
		expect(view().room?.journalTrouble).toBe("disk_full");
		socket().says({ type: "journal", trouble: null });
		expect(view().room?.journalTrouble).toBeNull();
		expect(told()).toContain("journal_back");
	});

	it("is nothing when the disk only hesitates for a moment", async () => {
		const { socket, view, told } = await comeIn("so", { snapshot: hall() });
		socket().says({ type: "journal", trouble: "database_away" });
		vi.advanceTimersByTime(900);
		socket().says({ type: "journal", trouble: null });
		vi.advanceTimersByTime(2_000);
		expect(view().room?.journalTrouble).toBeNull();
		expect(told()).not.toContain("journal_back");
	});

	it("a server that cannot save and lets nobody in is named as the cause", async () => {
		const { socket, view } = await comeIn("so", { snapshot: hall() });
		socket().says({
			type: "bye",
			reason: { type: "not_saved", trouble: "disk_full" },
		});
		expect(view().outage?.cause).toBe("storage");
	});
});

describe("the link of a stay", () => {
	beforeEach(() => void vi.useFakeTimers());
	afterEach(() => {
		vi.useRealTimers();
		vi.unstubAllGlobals();
	});

	/** Somebody in a room where media flow and the server gives its signs of life. */
	async function flowing() {
		const stay = await comeIn("vinh", { snapshot: hall() });
		const peer = () => {
			const last = stay.peers.at(-1);
			if (!last) throw new Error("no peer connection was made");
			return last;
		};
		const flows = { signaling: true, media: true };
		const beat = setInterval(() => {
			if (flows.signaling)
				stay.socket().says({
					type: "heartbeat",
					server_time_us: 1,
					next_ms: 1_000,
				});
		}, 1_000);
		const rtp = setInterval(() => {
			if (flows.media) peer().rtp += 1;
		}, 20);
		stay.session.store.subscribe((view) => {
			if (view.connection.name !== "over") return;
			clearInterval(beat);
			clearInterval(rtp);
		});
		stay.socket().says({
			type: "media",
			message: { type: "answer", sdp: "v=0" },
		});
		await stay.settled();
		peer().ice("connected");
		await vi.advanceTimersByTimeAsync(3_000);
		expect(stay.view().outage).toBeNull();
		return { ...stay, flows, peer };
	}

	it("that loses its media while the room talks says so within two seconds, and is content when they are back", async () => {
		const { flows, view } = await flowing();
		flows.media = false;
		await vi.advanceTimersByTimeAsync(2_000);
		expect(view().outage?.cause).toBe("media");
		flows.media = true;
		await vi.advanceTimersByTimeAsync(500);
		expect(view().outage).toBeNull();
	});

	it("that is cut says so within two seconds, and counts from the cut", async () => {
		const { flows, view, session } = await flowing();
		const cutMs = session.nowMs();
		flows.media = false;
		flows.signaling = false;
		await vi.advanceTimersByTimeAsync(2_000);
		expect(view().outage?.cause).toBe("network");
		const sinceMs = view().outage?.sinceMs ?? 0;
		expect(Math.abs(sinceMs - cutMs)).toBeLessThan(1_000);
		await vi.advanceTimersByTimeAsync(20_000);
		expect(view().connection.name).toBe("reconnecting");
		expect(view().outage?.sinceMs).toBeLessThan(cutMs + 1_000);
	});

	it("that was away for long opens no microphone late: its owner is told, and presses again", async () => {
		const { session, socket, view, told, sockets, settled } = await flowing();
		socket().onclose?.();
		void session.setMicrophone(true);
		await vi.advanceTimersByTimeAsync(6_000);
		socket().welcomes({ you: "vinh", resumed: true });
		await settled();
		expect(view().connection.name).toBe("live");
		const asked = sockets.flatMap(({ commands }) =>
			commands.map((frame) => frame.type === "command" && frame.command.type),
		);
		expect(asked).not.toContain("set_microphone");
		expect(told()).toContain("not_sent");
	});

	it("whose socket closes while media flow says that commands are cut, and not more", async () => {
		const { socket, view } = await flowing();
		socket().onclose?.();
		await vi.advanceTimersByTimeAsync(1_000);
		expect(view().outage?.cause).toBe("signaling");
	});

	it("names a machine without a network, and a server that is stopping", async () => {
		const first = await flowing();
		vi.stubGlobal("navigator", { ...navigator, onLine: false });
		first.flows.media = false;
		first.flows.signaling = false;
		await vi.advanceTimersByTimeAsync(2_000);
		expect(first.view().outage?.cause).toBe("offline");
		first.session.dispose();
		vi.unstubAllGlobals();

		const second = await flowing();
		second.socket().says({ type: "bye", reason: { type: "server_stopping" } });
		await vi.advanceTimersByTimeAsync(400);
		expect(second.view().outage?.cause).toBe("server");
	});

	it("keeps the lines of an earlier connection in sight until the server assigns them anew", async () => {
		const { socket, view, settled, peer } = await flowing();
		const assigned = (mid: string, participant: string) =>
			socket().says({
				type: "media",
				message: {
					type: "slot_assigned",
					mid,
					kind: "tile",
					track: { participant, source: "camera" },
					paused: null,
				},
			});
		assigned("8", "so");
		assigned("9", "vinh");
		socket().says({
			type: "media",
			message: { type: "disconnected", reason: "lost" },
		});
		await settled();
		expect(Object.keys(view().slots)).toEqual(["8", "9"]);
		socket().says({
			type: "media",
			message: { type: "answer", sdp: "v=0" },
		});
		await settled();
		peer().ice("connected");
		assigned("8", "so");
		await vi.advanceTimersByTimeAsync(3_000);
		expect(Object.keys(view().slots)).toEqual(["8"]);
	});
});
