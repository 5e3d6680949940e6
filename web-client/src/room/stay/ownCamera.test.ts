import { describe, expect, it } from "vitest";
import { OwnDevices } from "@/room/media/ownDevices";
import { FakeMachine } from "@/test/machine";
import { OwnCamera } from "./ownCamera";

/** Somebody who brings a camera into a room that knows nothing of it. */
async function owner(on = true) {
	const machine = new FakeMachine().has("camera", "cam");
	const devices = new OwnDevices(machine.platform);
	await devices.start({ camera: on, microphone: false });
	const right = { publish: true };
	const told: boolean[] = [];
	const camera = new OwnCamera({
		devices,
		mayPublish: () => right.publish,
		tell: (live) => told.push(live),
	});
	const isLive = () => machine.live().length > 0;
	return { camera, right, told, isLive };
}

describe("one's own camera", () => {
	it("is told when it differs from what the room knows, and once", async () => {
		const { camera, told } = await owner();
		camera.arrived(true);
		expect(told).toEqual([]);
		camera.arrived(false);
		camera.tell();
		expect(told).toEqual([true]);
	});

	it("is told by nobody who may not show themselves, and anew when they may again", async () => {
		const { camera, right, told, isLive } = await owner();
		camera.arrived(null);
		right.publish = false;
		camera.lost();
		camera.tell();
		expect(isLive()).toBe(false);
		expect(told).toEqual([true]);
		right.publish = true;
		await camera.want(true);
		camera.tell();
		expect(told).toEqual([true, true]);
	});

	it("is given back after a rest to whom it was on, and to nobody else", async () => {
		const on = await owner();
		on.camera.follow("audio_only");
		on.camera.follow("audio_only");
		expect(on.isLive()).toBe(false);
		on.camera.follow("low");
		await expect.poll(on.isLive).toBe(true);

		const off = await owner(false);
		off.camera.follow("audio_only");
		off.camera.follow("everything");
		await off.camera.want(false);
		expect(off.isLive()).toBe(false);
	});

	it("stays off after a rest for whom lost the right meanwhile", async () => {
		const { camera, right, isLive } = await owner();
		camera.follow("audio_only");
		right.publish = false;
		camera.follow("everything");
		await Promise.resolve();
		expect(isLive()).toBe(false);
	});
});
