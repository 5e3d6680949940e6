import { beforeEach, describe, expect, it, vi } from "vitest";
import {
	openBoth,
	openCamera,
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
		["NotAllowedError", "blocked"],
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

	it("a remembered camera that is gone gives way to any other", async () => {
		getUserMedia
			.mockRejectedValueOnce(named("OverconstrainedError"))
			.mockResolvedValueOnce(stream("video"));
		expect((await openCamera("gone")).track?.kind).toBe("video");
	});

	it("asks once for both, and separately when that fails", async () => {
		getUserMedia.mockResolvedValueOnce(stream("video", "audio"));
		await openBoth(null, null);
		expect(getUserMedia).toHaveBeenCalledTimes(1);

		getUserMedia
			.mockReset()
			.mockRejectedValueOnce(named("NotFoundError"))
			.mockResolvedValueOnce(stream("audio"))
			.mockRejectedValueOnce(named("NotFoundError"));
		const { camera, microphone } = await openBoth(null, null);
		expect(microphone.track?.kind).toBe("audio");
		expect(camera.fault?.cause).toBe("missing");
	});

	it("remembers what was chosen on this machine", () => {
		rememberChoice({ ...rememberedChoice(), camera: "hall", volume: 0.4 });
		expect(rememberedChoice()).toMatchObject({ camera: "hall", volume: 0.4 });
	});
});
