import { describe, expect, it } from "vitest";
import { cameraEncodings, linesOf, withOpusParameters } from "./lines";
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

	it("have the whole of a small capture among the two that browsers encode", () => {
		const layers = cameraEncodings(360);
		expect(layers.map((layer) => layer.scaleResolutionDownBy)).toEqual([
			2, 1, 1,
		]);
		expect(layers.map((layer) => layer.active)).toEqual([true, true, false]);
	});
});
