import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeMachine } from "@/test/machine";
import {
	BUSY_RETRY_MS,
	type DeviceNews,
	INTERRUPTED_MS,
	STUCK_MS,
} from "./capture";
import { OwnDevices } from "./ownDevices";

/** A person's devices on a machine, and what the person is told of them. */
async function atMachine(
	machine: FakeMachine,
	wanted = { camera: true, microphone: true },
) {
	const devices = new OwnDevices(machine.platform);
	const told: DeviceNews[] = [];
	devices.onNews((news) => told.push(news));
	await devices.start(wanted);
	const using = (kind: "camera" | "microphone") => {
		const state = devices.state[kind];
		return state.name === "live" ? state.device.label : state.name;
	};
	return {
		devices,
		told,
		using,
		settled: () => vi.advanceTimersByTimeAsync(0),
	};
}

/** A room PC: a camera on the table, the microphone of the hall and one in the camera. */
const hall = () =>
	new FakeMachine()
		.has("camera", "cam", "Table camera")
		.has("microphone", "mic", "Hall microphone")
		.has("microphone", "cam-mic", "Camera microphone")
		.has("speaker", "spk", "Hall loudspeaker")
		.has("speaker", "hdmi", "Television");

/** The track that one's devices use at present. */
const trackOf = (machine: FakeMachine, id: string) => {
	const track = machine.live().find(({ device }) => device.id === id);
	if (!track) throw new Error(`nothing is open on ${id}`);
	return track;
};

describe("one's own devices", () => {
	beforeEach(() => void vi.useFakeTimers());
	afterEach(() => void vi.useRealTimers());

	it("a microphone that is pulled out is told at once and another takes over; plugged in again, it is used again", async () => {
		const machine = hall();
		const { told, using, settled } = await atMachine(machine);
		expect(using("microphone")).toBe("Hall microphone");
		machine.pull("microphone", "mic");
		expect(told).toEqual([
			{ type: "lost", device: "microphone", name: "Hall microphone" },
		]);
		await settled();
		expect(using("microphone")).toBe("Camera microphone");
		expect(told.at(-1)).toEqual({
			type: "replaced",
			device: "microphone",
			name: "Hall microphone",
			by: "Camera microphone",
		});
		machine.plug("microphone", "mic", "Hall microphone");
		await settled();
		expect(using("microphone")).toBe("Hall microphone");
		expect(told.at(-1)).toEqual({
			type: "back",
			device: "microphone",
			name: "Hall microphone",
		});
		expect(machine.live()).toHaveLength(2);
	});

	it("the only camera is missed, and comes back by itself, even on another socket and under another id", async () => {
		const machine = hall();
		const { told, devices, using, settled } = await atMachine(machine);
		machine.pull("camera", "cam");
		await settled();
		expect(devices.state.camera).toEqual({
			name: "failed",
			fault: { device: "camera", cause: "missing" },
		});
		expect(told).toEqual([
			{ type: "lost", device: "camera", name: "Table camera" },
		]);
		machine.plug("camera", "cam-2", "Table camera");
		await settled();
		expect(using("camera")).toBe("Table camera");
		expect(told.at(-1)).toMatchObject({ type: "back", device: "camera" });
	});

	it("a device that vanishes from the list without its track ending is replaced too", async () => {
		const machine = hall();
		const { using, settled } = await atMachine(machine);
		machine.plugged.microphone.shift();
		machine.changes();
		await settled();
		expect(using("microphone")).toBe("Camera microphone");
		expect(machine.live()).toHaveLength(2);
	});

	it("a track that ends without any event is noticed within two seconds", async () => {
		const machine = hall();
		const { told } = await atMachine(machine);
		trackOf(machine, "mic").stop();
		machine.plugged.microphone.shift();
		await vi.advanceTimersByTimeAsync(2_000);
		expect(told[0]).toMatchObject({ type: "lost", device: "microphone" });
		expect(told[1]).toMatchObject({ by: "Camera microphone" });
	});

	it("a browser that tells of no change is asked, so that a device that comes or goes is noticed within two seconds", async () => {
		const machine = hall();
		const { using } = await atMachine(machine);
		machine.plugged.microphone.shift();
		await vi.advanceTimersByTimeAsync(2_000);
		expect(using("microphone")).toBe("Camera microphone");
		machine.has("microphone", "mic", "Hall microphone");
		await vi.advanceTimersByTimeAsync(2_000);
		expect(using("microphone")).toBe("Hall microphone");
	});

	it("a driver that fails for a moment is opened again, and only that is said", async () => {
		const machine = hall();
		const { told, using, settled } = await atMachine(machine);
		trackOf(machine, "cam").dies();
		await settled();
		expect(using("camera")).toBe("Table camera");
		expect(told.map(({ type }) => type)).toEqual(["lost", "back"]);
	});

	it("what was chosen is remembered, and one that is chosen stays chosen while another stands in", async () => {
		const machine = hall();
		const { devices, using, settled } = await atMachine(machine);
		const wanted = devices.state.lists.microphone[1] ?? null;
		await devices.choose("microphone", wanted);
		expect(using("microphone")).toBe("Camera microphone");
		machine.pull("microphone", "cam-mic");
		await settled();
		expect(using("microphone")).toBe("Hall microphone");
		expect(devices.state.microphone).toMatchObject({ standsIn: true });
		expect(devices.state.choice.microphone).toEqual({
			id: "cam-mic",
			label: "Camera microphone",
		});

		devices.close();
		expect(machine.live()).toEqual([]);
		machine.has("microphone", "cam-mic", "Camera microphone");
		const next = await atMachine(machine);
		expect(next.using("microphone")).toBe("Camera microphone");
	});

	it("says that what was chosen the last time is not there, and what is used", async () => {
		const machine = hall();
		const first = await atMachine(machine);
		await first.devices.choose(
			"camera",
			first.devices.state.lists.camera[0] ?? null,
		);
		first.devices.close();
		machine.plugged.camera = [];
		machine.has("camera", "built-in", "Built-in camera");
		const { told, using } = await atMachine(machine);
		expect(using("camera")).toBe("Built-in camera");
		expect(told).toEqual([
			{
				type: "replaced",
				device: "camera",
				name: "Table camera",
				by: "Built-in camera",
			},
		]);
	});

	it("a machine without any device says so, and takes the first that is plugged in", async () => {
		const machine = new FakeMachine();
		const { told, using, settled } = await atMachine(machine);
		expect(told).toEqual([
			{ type: "failed", fault: { device: "microphone", cause: "missing" } },
			{ type: "failed", fault: { device: "camera", cause: "missing" } },
		]);
		machine.plug("microphone", "usb", "USB headset");
		await settled();
		expect(using("microphone")).toBe("USB headset");
		expect(using("camera")).toBe("failed");
	});

	it("a camera that another program holds is tried again until it is free", async () => {
		const machine = hall();
		machine.trouble.set("cam", "busy");
		const { told, using } = await atMachine(machine);
		expect(told).toEqual([
			{ type: "failed", fault: { device: "camera", cause: "busy" } },
		]);
		const before = machine.asked.length;
		await vi.advanceTimersByTimeAsync(BUSY_RETRY_MS * 3);
		expect(told).toHaveLength(1);
		// The system's own and the only one on the list, three times: no more than that.
		expect(machine.asked.length - before).toBe(6);
		machine.trouble.delete("cam");
		await vi.advanceTimersByTimeAsync(BUSY_RETRY_MS);
		expect(using("camera")).toBe("Table camera");
		expect(told.at(-1)).toMatchObject({ type: "back", device: "camera" });
	});

	it("one that another program holds gives way to one that works", async () => {
		const machine = hall();
		machine.trouble.set("mic", "busy");
		const { using } = await atMachine(machine);
		expect(using("microphone")).toBe("Camera microphone");
	});

	it("a right that is taken away in the meeting is told once with its cause, and nothing asks again", async () => {
		const machine = hall();
		const { devices, told, settled } = await atMachine(machine);
		const before = machine.asked.length;
		machine.permits("microphone", "denied");
		await settled();
		expect(devices.state.microphone).toEqual({
			name: "failed",
			fault: { device: "microphone", cause: "blocked_browser" },
		});
		expect(told).toHaveLength(1);
		machine.changes();
		machine.isSeen();
		await vi.advanceTimersByTimeAsync(60_000);
		expect(machine.asked).toHaveLength(before);
		expect(machine.live().map(({ kind }) => kind)).toEqual(["video"]);

		machine.permits("microphone", "granted");
		await settled();
		expect(devices.state.microphone.name).toBe("live");
		expect(told.at(-1)).toMatchObject({ type: "back" });
	});

	it("a block by the system is no block by the browser, and a press tries again", async () => {
		const machine = hall();
		machine.blocked.set("camera", "blocked_system");
		const { devices, told, using } = await atMachine(machine);
		expect(told).toEqual([
			{ type: "failed", fault: { device: "camera", cause: "blocked_system" } },
		]);
		expect(using("microphone")).toBe("Hall microphone");
		machine.blocked.clear();
		await devices.retry("camera");
		expect(using("camera")).toBe("Table camera");
	});

	it("a telephone call interrupts and gives back; a flicker is not told", async () => {
		const machine = hall();
		const { devices, told } = await atMachine(machine);
		const track = trackOf(machine, "mic");
		track.mutedBySystem(true);
		await vi.advanceTimersByTimeAsync(INTERRUPTED_MS - 1);
		track.mutedBySystem(false);
		await vi.advanceTimersByTimeAsync(INTERRUPTED_MS);
		expect(told).toEqual([]);
		track.mutedBySystem(true);
		await vi.advanceTimersByTimeAsync(INTERRUPTED_MS);
		expect(devices.state.microphone).toMatchObject({ interrupted: true });
		track.mutedBySystem(false);
		expect(devices.state.microphone).toMatchObject({ interrupted: false });
		expect(told.map(({ type }) => type)).toEqual(["interrupted", "resumed"]);
	});

	it("a microphone that stays silent after the call is opened anew once the page is seen", async () => {
		const machine = hall();
		const { devices } = await atMachine(machine);
		const stuck = trackOf(machine, "mic");
		stuck.mutedBySystem(true);
		await vi.advanceTimersByTimeAsync(INTERRUPTED_MS);
		machine.isSeen();
		await vi.advanceTimersByTimeAsync(STUCK_MS);
		expect(stuck.readyState).toBe("ended");
		expect(devices.state.microphone).toMatchObject({ interrupted: false });
	});

	it("follows the system when it takes a headset for its own, and back", async () => {
		const machine = hall();
		machine.standard.microphone = "mic";
		const { told, using, settled } = await atMachine(machine);
		machine.standard.microphone = "bt";
		machine.plug("microphone", "bt", "Bluetooth headset");
		await settled();
		expect(using("microphone")).toBe("Bluetooth headset");
		expect(told.at(-1)).toEqual({
			type: "replaced",
			device: "microphone",
			name: "",
			by: "Bluetooth headset",
		});
		machine.standard.microphone = "mic";
		machine.pull("microphone", "bt");
		await settled();
		expect(using("microphone")).toBe("Hall microphone");
		expect(machine.live().filter(({ kind }) => kind === "audio")).toHaveLength(
			1,
		);
	});

	it("a chosen microphone is used again also after the system's own stood in for it", async () => {
		const machine = hall();
		machine.standard.microphone = "mic";
		const { devices, told, using, settled } = await atMachine(machine);
		await devices.choose(
			"microphone",
			devices.state.lists.microphone[1] ?? null,
		);
		machine.pull("microphone", "cam-mic");
		await settled();
		expect(devices.state.microphone).toMatchObject({
			device: { id: "default" },
			standsIn: true,
		});
		machine.plug("microphone", "cam-mic", "Camera microphone");
		await settled();
		expect(using("microphone")).toBe("Camera microphone");
		expect(told.at(-1)).toMatchObject({ type: "back" });
	});

	it("a loudspeaker that goes gives way to the system's own, and is used again when it is back", async () => {
		const machine = hall();
		const { devices, told, settled } = await atMachine(machine);
		await devices.choose("speaker", devices.state.lists.speaker[0] ?? null);
		expect(devices.state.speaker.device?.id).toBe("spk");
		machine.pull("speaker", "spk");
		await settled();
		expect(devices.state.speaker).toEqual({ device: null, standsIn: true });
		machine.plug("speaker", "spk", "Hall loudspeaker");
		await settled();
		expect(devices.state.speaker).toMatchObject({ standsIn: false });
		expect(told).toEqual([
			{ type: "lost", device: "speaker", name: "Hall loudspeaker" },
			{ type: "back", device: "speaker", name: "Hall loudspeaker" },
		]);
	});

	it("what opens after it was switched off, or chosen anew, is let go", async () => {
		const machine = hall();
		const { devices } = await atMachine(machine, {
			camera: false,
			microphone: false,
		});
		const opening = devices.want("camera", true);
		await devices.want("camera", false);
		await opening;
		expect(devices.state.camera.name).toBe("off");
		const [first, second] = devices.state.lists.microphone;
		await devices.want("microphone", true);
		await Promise.all([
			devices.choose("microphone", first ?? null),
			devices.choose("microphone", second ?? null),
		]);
		expect(machine.live().map(({ device }) => device.id)).toEqual(["cam-mic"]);
	});

	it("a microphone sounds on until the next one does", async () => {
		const machine = hall();
		const { devices, using } = await atMachine(machine);
		machine.trouble.set("cam-mic", "busy");
		machine.trouble.set("mic", "busy");
		await devices.choose(
			"microphone",
			devices.state.lists.microphone[1] ?? null,
		);
		expect(using("microphone")).toBe("Hall microphone");
		expect(trackOf(machine, "mic").readyState).toBe("live");
		expect(devices.state.microphone).toMatchObject({ standsIn: true });
	});

	it("nothing stays open or watched after it was closed, whatever was under way", async () => {
		const machine = hall();
		const devices = new OwnDevices(machine.platform);
		const starting = devices.start({ camera: true, microphone: true });
		devices.close();
		await starting;
		expect(machine.live()).toEqual([]);
		expect(machine.watched).toBe(false);
	});

	it("a camera that is switched off before anything was opened does not even light up", async () => {
		const machine = hall();
		const devices = new OwnDevices(machine.platform);
		const starting = devices.start({ camera: true, microphone: true });
		await devices.want("camera", false);
		await starting;
		expect(machine.tracks.map(({ device }) => device.id)).toEqual(["mic"]);
	});

	it("what is not wanted when one begins again is let go", async () => {
		const machine = hall();
		const { devices, using } = await atMachine(machine);
		await devices.start({ camera: false, microphone: true });
		expect(using("camera")).toBe("off");
		expect(machine.live().map(({ kind }) => kind)).toEqual(["audio"]);
		await devices.start({ camera: false, microphone: false });
		expect(machine.live()).toEqual([]);
	});

	it.each([
		["together with the microphone", true],
		["after a microphone that could not be had", false],
	])(
		"a camera that is switched off while it is being opened %s stays off",
		async (_, microphoneWorks) => {
			// However far opening has come: a device opens within a few turns of the event loop here.
			for (let turns = 0; turns < 12; turns++) {
				const machine = hall();
				if (!microphoneWorks) machine.blocked.set("microphone", "busy");
				const devices = new OwnDevices(machine.platform);
				const starting = devices.start({ camera: true, microphone: true });
				for (let turn = 0; turn < turns; turn++) await Promise.resolve();
				await devices.want("camera", false);
				await starting;
				const open = machine.live().map(({ device }) => device.id);
				expect(open, `after ${turns} turns`).toEqual(
					microphoneWorks ? ["mic"] : [],
				);
				expect(devices.state.camera).toEqual({ name: "off" });
				devices.close();
			}
		},
	);
});
