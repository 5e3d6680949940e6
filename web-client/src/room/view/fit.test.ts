import { describe, expect, it } from "vitest";
import { fitOf } from "./fit";

const picture = {
	hd: { width: 1280, height: 720 },
	old: { width: 640, height: 480 },
	upright: { width: 360, height: 640 },
};
const tile = {
	whole: { width: 199, height: 112 },
	cropped: { width: 131, height: 50 },
};

describe("a picture in its box", () => {
	it("fills a box of its own shape", () => {
		expect(fitOf(picture.hd, tile.whole, false)).toBe("cover");
	});

	it("of a camera of 4:3 is shown whole: filling would cut heads", () => {
		expect(fitOf(picture.old, tile.whole, false)).toBe("contain");
		expect(fitOf(picture.old, tile.cropped, true)).toBe("contain");
	});

	it("of a phone that is held upright is shown whole in any tile", () => {
		expect(fitOf(picture.upright, tile.whole, false)).toBe("contain");
		expect(fitOf(picture.upright, tile.cropped, true)).toBe("contain");
	});

	it("of a hall gives up ceiling and table on a wall where many must fit, and only there", () => {
		expect(fitOf(picture.hd, tile.cropped, true)).toBe("cover");
		expect(fitOf(picture.hd, tile.cropped, false)).toBe("contain");
	});

	it("never loses people at the sides, also on a dense wall", () => {
		expect(fitOf({ width: 2560, height: 720 }, tile.whole, true)).toBe(
			"contain",
		);
	});

	it("is not judged before it has a size", () => {
		expect(fitOf({ width: 0, height: 0 }, tile.whole, false)).toBe("cover");
	});
});
