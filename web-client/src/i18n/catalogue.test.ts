import { describe, expect, it } from "vitest";
import en from "./en";
import vi from "./vi";

/** All sentences of a catalogue by their path, plural forms together under their stem. */
function sentences(tree: object, path = ""): Map<string, string[]> {
	const found = new Map<string, string[]>();
	for (const [key, value] of Object.entries(tree)) {
		const here = path === "" ? key : `${path}.${key}`;
		if (typeof value === "string") {
			const stem = here.replace(/#(one|other)$/, "");
			found.set(stem, [...(found.get(stem) ?? []), value]);
		} else {
			for (const [inner, texts] of sentences(value, here)) {
				found.set(inner, [...(found.get(inner) ?? []), ...texts]);
			}
		}
	}
	return found;
}

const vietnamese = sentences(vi);
const english = sentences(en);

describe("the catalogues", () => {
	it("have the same keys", () => {
		expect([...english.keys()].sort()).toEqual([...vietnamese.keys()].sort());
	});

	it("leave no sentence empty", () => {
		for (const [key, texts] of [...vietnamese, ...english]) {
			for (const text of texts) expect(text.trim(), key).not.toBe("");
		}
	});

	it("use no parameter in English that Vietnamese does not have", () => {
		const parameters = (texts: string[]) =>
			new Set(texts.join(" ").match(/\{\{\w+\}\}/g) ?? []);
		for (const [key, texts] of english) {
			const known = parameters(vietnamese.get(key) ?? []);
			for (const parameter of parameters(texts)) {
				expect(known.has(parameter), `${key} ${parameter}`).toBe(true);
			}
		}
	});

	it("speak without exclamation marks", () => {
		for (const [key, texts] of [...vietnamese, ...english]) {
			expect(texts.join(" "), key).not.toContain("!");
		}
	});
});
