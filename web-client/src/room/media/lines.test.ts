import { describe, expect, it } from "vitest";
import {
	cameraEncodings,
	encodingsOf,
	lineCodecs,
	linesOf,
	pictureCodecs,
	withOpusParameters,
} from "./lines";
import { chooseProfile, SLOTS } from "./profile";

describe("the m-lines of the offer", () => {
	it.each(["desk", "room", "phone"] as const)(
		"stand in the server's order for a %s",
		(profile) => {
			const lines = linesOf(profile);
			const sent = lines.filter((line) => line.direction === "sendonly");
			expect(sent.map((line) => line.source)).toEqual([
				"microphone",
				"camera",
				"screen",
			]);
			const received = lines
				.slice(3)
				.map((line) => line.direction === "recvonly" && line.slot);
			const { audio, stage, tiles, screen } = SLOTS[profile];
			expect(received).toEqual([
				...Array(audio).fill("audio"),
				...Array(stage).fill("stage"),
				...Array(tiles).fill("tile"),
				...Array(screen).fill("screen"),
			]);
		},
	);
});

describe("the profile", () => {
	it("is a phone on a small touch screen, whatever the role", () => {
		expect(chooseProfile({ shortSide: 390, touch: true }, "chair", null)).toBe(
			"phone",
		);
	});
	it("is the hall's for a point's own device, the desk's for a person's computer", () => {
		expect(chooseProfile({ shortSide: 768, touch: false }, "point", null)).toBe(
			"room",
		);
		expect(chooseProfile({ shortSide: 768, touch: false }, "chair", null)).toBe(
			"desk",
		);
	});
	it("is what the address says, if it says something known", () => {
		expect(
			chooseProfile({ shortSide: 768, touch: false }, "chair", "phone"),
		).toBe("phone");
		expect(
			chooseProfile({ shortSide: 768, touch: false }, "chair", "whip"),
		).toBe("desk");
	});
});

describe("the Opus parameters", () => {
	it("are added to the answer's Opus line and to no other", () => {
		const answer = [
			"a=rtpmap:111 opus/48000/2",
			"a=fmtp:111 minptime=10;useinbandfec=0",
			"a=rtpmap:96 VP8/90000",
			"a=fmtp:97 apt=96",
		].join("\r\n");
		expect(withOpusParameters(answer).split("\r\n")).toEqual([
			"a=rtpmap:111 opus/48000/2",
			"a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1",
			"a=rtpmap:96 VP8/90000",
			"a=fmtp:97 apt=96",
		]);
	});
});

describe("the layers of a camera", () => {
	it("are a quarter, a half and the whole of a large capture", () => {
		const scales = cameraEncodings(720).map(
			(layer) => layer.scaleResolutionDownBy,
		);
		expect(scales).toEqual([4, 2, 1]);
	});

	it("are one stream in VP9", () => {
		expect(encodingsOf("vp9", 720).map((one) => one.scalabilityMode)).toEqual([
			"L3T3_KEY",
		]);
		expect(encodingsOf("h264", 720)).toEqual(cameraEncodings(720));
	});

	it("have the whole of a small capture among the two that browsers encode", () => {
		const layers = cameraEncodings(360);
		expect(layers.map((layer) => layer.scaleResolutionDownBy)).toEqual([
			2, 1, 1,
		]);
		expect(layers.map((layer) => layer.active)).toEqual([true, true, false]);
	});
});

describe("the codecs of a line", () => {
	const codec = (mimeType: string, sdpFmtpLine?: string): RTCRtpCodec => ({
		mimeType,
		clockRate: 90_000,
		...(sdpFmtpLine && { sdpFmtpLine }),
	});
	const h264 = (mode: number, profile: string) =>
		codec(
			"video/H264",
			`level-asymmetry-allowed=1;packetization-mode=${mode};profile-level-id=${profile}`,
		);
	const rtx = codec("video/rtx");
	const vp8 = codec("video/VP8");
	const plain = h264(1, "42e01f");
	const vp9 = codec("video/VP9", "profile-id=0");
	const chromium = [
		vp8,
		rtx,
		vp9,
		codec("video/VP9", "profile-id=2"),
		h264(1, "42001f"),
		h264(0, "42e01f"),
		plain,
		h264(1, "4d001f"),
		h264(1, "640c1f"),
		codec("video/AV1"),
	];
	const [, camera, screen] = linesOf("desk");
	const slot = linesOf("desk").at(-1);
	if (!camera || !screen || !slot) throw new Error("a desk has these lines");

	it("are VP8, constrained baseline and plain VP9 where pictures come", () => {
		expect(lineCodecs(slot, chromium, "vp8")).toEqual([vp8, plain, vp9, rtx]);
	});

	it("are the chosen one alone where the camera goes, and VP8 where the screen goes", () => {
		expect(lineCodecs(camera, chromium, "h264")).toEqual([plain, rtx]);
		expect(lineCodecs(screen, chromium, "h264")).toEqual([vp8, rtx]);
	});

	it("are VP8 where the browser cannot do what was chosen", () => {
		expect(lineCodecs(camera, [vp8, rtx], "h264")).toEqual([vp8, rtx]);
		expect(pictureCodecs([vp8, rtx])).toEqual(["vp8"]);
		expect(pictureCodecs(chromium)).toEqual(["vp8", "h264", "vp9"]);
	});
});
