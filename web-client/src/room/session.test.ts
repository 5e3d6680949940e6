import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { INTERRUPTED_MS } from "@/media/capture";
import { SILENT_MS } from "@/media/hearing";
import { FakeMachine } from "@/test/machine";
import { meeting, person } from "@/test/room";
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
		await happens({
			type: "floor_granted",
			participant: "vinh",
			by: "so",
			opens_at_us: null,
		});
		await happens({
			type: "microphone_changed",
			participant: "vinh",
			microphone: open,
			by: "so",
		});
		const opened = machine.live().find(({ kind }) => kind === "audio");
		expect(opened?.enabled).toBe(true);
		await happens({
			type: "floor_released",
			participant: "vinh",
			declined: false,
		});
		expect(machine.live()).toEqual([]);
	});

	it("lets go of every device at the end", async () => {
		const { machine, session } = await comeIn("vinh", { snapshot: hall() });
		session.dispose();
		expect(machine.live()).toEqual([]);
		expect(machine.watched).toBe(false);
	});
});
