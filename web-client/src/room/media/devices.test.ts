import { beforeEach, describe, expect, it, vi } from "vitest";
import {
	findDevice,
	listDevices,
	openBoth,
	openCamera,
	openMicrophone,
	rememberChoice,
	rememberedChoice,
} from "./devices";

const getUserMedia = vi.fn();

const named = (name: string) => new DOMException("no", name);
const stream = (...kinds: string[]) => {
	const tracks = kinds.map((kind) => ({ kind }));
	return {
		getTracks: () => tracks,
		getVideoTracks: () => tracks.filter(({ kind }) => kind === "video"),
		getAudioTracks: () => tracks.filter(({ kind }) => kind === "audio"),
	};
};

describe("devices", () => {
	beforeEach(() => {
		getUserMedia.mockReset();
		vi.stubGlobal("navigator", { mediaDevices: { getUserMedia } });
		localStorage.clear();
	});

	it.each([
		["NotAllowedError", "blocked_browser"],
		["NotFoundError", "missing"],
		["NotReadableError", "busy"],
		["TypeError", "unknown"],
	])("%s means %s", async (name, cause) => {
		getUserMedia.mockRejectedValue(named(name));
		expect((await openCamera(null)).fault).toEqual({
			device: "camera",
			cause,
		});
	});

	it("a page without a trusted connection is told so", async () => {
		vi.stubGlobal("navigator", {});
		expect((await openCamera(null)).fault?.cause).toBe("insecure");
	});

	it("a refusal although the page has the right comes from the system", async () => {
		const query = vi.fn(async () => ({ state: "granted" }));
		vi.stubGlobal("navigator", {
			mediaDevices: { getUserMedia },
			permissions: { query },
		});
		getUserMedia.mockRejectedValue(named("NotAllowedError"));
		expect((await openMicrophone(null)).fault?.cause).toBe("blocked_system");
		query.mockResolvedValue({ state: "denied" });
		expect((await openMicrophone(null)).fault?.cause).toBe("blocked_browser");
	});

	it("Chromium says in words that the system refuses, and that a question was closed", async () => {
		getUserMedia.mockRejectedValue(
			new DOMException("Permission denied by system", "NotAllowedError"),
		);
		expect((await openCamera(null)).fault?.cause).toBe("blocked_system");
		getUserMedia.mockRejectedValue(
			new DOMException("Permission dismissed", "NotAllowedError"),
		);
		expect((await openCamera(null)).fault?.cause).toBe("dismissed");
	});

	it("asks one question for both", async () => {
		getUserMedia.mockResolvedValueOnce(stream("video", "audio"));
		expect(await openBoth(null, null)).toMatchObject({
			camera: { kind: "video" },
			microphone: { kind: "audio" },
		});
		expect(getUserMedia).toHaveBeenCalledTimes(1);
		getUserMedia.mockRejectedValueOnce(named("NotFoundError"));
		expect(await openBoth(null, null)).toBeNull();
	});

	it("lists what can be chosen, and what the system takes by itself", async () => {
		const device = (kind: string, deviceId: string, groupId: string) => ({
			kind,
			deviceId,
			groupId,
			label: deviceId,
		});
		const enumerateDevices = vi.fn(async () => [
			device("audioinput", "default", "usb"),
			device("audioinput", "communications", "usb"),
			device("audioinput", "usb-mic", "usb"),
			device("videoinput", "", ""),
		]);
		vi.stubGlobal("navigator", { mediaDevices: { enumerateDevices } });
		expect(await listDevices()).toMatchObject({
			microphone: [{ id: "usb-mic", label: "usb-mic", group: "usb" }],
			camera: [],
			hidden: ["camera"],
			standard: { microphone: "usb", speaker: null },
		});
	});

	it("finds a device again on another socket by its name, when only one has it", () => {
		const device = (id: string, label: string) => ({ id, label, group: id });
		const wanted = { id: "gone", label: "USB camera" };
		const one = device("new", "USB camera");
		expect(findDevice([one, device("x", "Other")], wanted)).toBe(one);
		expect(findDevice([one, device("y", "USB camera")], wanted)).toBeNull();
	});

	it("remembers what was chosen on this machine", () => {
		const camera = { id: "hall", label: "Hall camera" };
		rememberChoice({ ...rememberedChoice(), camera, volume: 0.4 });
		expect(rememberedChoice()).toMatchObject({ camera, volume: 0.4 });
	});

	it("understands what an earlier page remembered, and nonsense", () => {
		localStorage.setItem(
			"diemcau.devices",
			JSON.stringify({ camera: "hall", microphone: 7, speaker: {} }),
		);
		expect(rememberedChoice()).toMatchObject({
			camera: { id: "hall", label: "" },
			microphone: null,
			speaker: null,
		});
	});
});
