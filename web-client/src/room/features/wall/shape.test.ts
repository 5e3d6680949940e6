import { describe, expect, it } from "vitest";
import { pictureIn, shapeOf } from "./shape";

/** A wall that was widened for a few people. */
const few = (places: number) =>
	shapeOf({
		places,
		width: 484,
		height: 606,
		gap: 5,
		plate: 22,
		sum: 44,
		mostColumns: 3,
	});

/** The wall of a desk at 1366×768. */
const desk = (places: number) =>
	shapeOf({
		places,
		width: 404,
		height: 606,
		gap: 5,
		plate: 22,
		sum: 40,
		mostColumns: 3,
	});

describe("the shape of the wall", () => {
	it("gives small sessions large pictures of 16:9, one above the other and then side by side", () => {
		expect(desk(1)).toEqual({ columns: 1, pictureHeight: 227, dense: false });
		expect(desk(2)).toMatchObject({ columns: 1, pictureHeight: 227 });
		expect(few(2)).toEqual({ columns: 1, pictureHeight: 254, dense: false });
		expect(few(4)).toMatchObject({ columns: 2, pictureHeight: 134 });
		expect(desk(3)).toMatchObject({ columns: 2, pictureHeight: 112 });
		expect(desk(8)).toMatchObject({ columns: 2, dense: false });
		expect(desk(15)).toMatchObject({ columns: 3, pictureHeight: 73 });
	});

	it("crops only when all seats would not fit otherwise, and then keeps every one in view", () => {
		const shape = desk(22);
		expect(shape).toMatchObject({ columns: 3, dense: true });
		expect(8 * (shape.pictureHeight + 22) + 7 * 5).toBeLessThanOrEqual(606);
		expect(desk(60).pictureHeight).toBe(36);
	});

	it("never makes a slit: pictures are wider than high, whatever the number", () => {
		for (let places = 1; places <= 60; places += 1) {
			const { columns, pictureHeight } = desk(places);
			const width = (404 - (columns - 1) * 5) / columns;
			expect(width / pictureHeight, `${places}`).toBeGreaterThan(1.7);
			expect(width / pictureHeight, `${places}`).toBeLessThan(3.7);
		}
	});

	it("takes two lines of a name from all pictures alike", () => {
		expect(pictureIn(606, 8 * 22, 8, 5)).toBe(49);
		expect(pictureIn(606, 6 * 22 + 2 * 39, 8, 5)).toBe(45);
	});

	it("scrolls with whole pictures where it has no height of its own", () => {
		expect(
			shapeOf({
				places: 22,
				width: 390,
				height: null,
				gap: 6,
				plate: 28,
				sum: 0,
				mostColumns: 2,
			}),
		).toEqual({ columns: 2, pictureHeight: 108, dense: false });
	});
});
