import { describe, expect, it } from "vitest";
import { session } from "@/test/session";
import { conveningUnits, readFilter } from "./filter";

describe("the filter of the list", () => {
	it("takes from the address what it knows, and passes over the rest", () => {
		expect(readFilter({ kind: "training", unit: "XA-YH", page: 2 })).toEqual({
			kind: "training",
			unit: "XA-YH",
		});
		expect(readFilter({ kind: "party", unit: 7 })).toEqual({});
		expect(readFilter({ kind: "", unit: "" })).toEqual({});
	});

	it("offers each convening unit once, by name, and none that has no name any more", () => {
		const gone = "0192f0c1-5a7e-7c3b-9d0a-3f6f5f0f8a11";
		const of = (code: string, name: string) =>
			session({ convening_unit: { code, name } });
		expect(
			conveningUnits([
				of("XA-YH", "UBND xã Yên Hòa"),
				of("SO", "Sở GD&ĐT Hoan Châu"),
				of(gone, gone),
				of("XA-YH", "UBND xã Yên Hòa"),
			]).map(({ code }) => code),
		).toEqual(["SO", "XA-YH"]);
	});
});
