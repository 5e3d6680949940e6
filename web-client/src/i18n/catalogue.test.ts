import { describe, expect, it } from "vitest";
import en from "./en";
import common from "./vi";
import office from "./vi.office";

const vi = { ...common, pages: { ...common.pages, ...office } };

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

/** The words beside each zone of the pages. The room has a namespace of its own. */
const parts = import.meta.glob<{ words: object }>(
	["../**/words.vi.ts", "!../room/**"],
	{ eager: true },
);

const vietnamese = sentences(vi);
const english = sentences(en);

describe("the catalogues", () => {
	it("have the same keys", () => {
		expect([...english.keys()].sort()).toEqual([...vietnamese.keys()].sort());
	});

	it("are made of parts that share no name, so that none hides another's words", () => {
		const owners = new Map<string, string>();
		for (const [path, { words }] of Object.entries(parts)) {
			for (const name of Object.keys(words)) {
				expect(owners.get(name), name).toBeUndefined();
				owners.set(name, path);
			}
		}
		expect([...owners.keys()].sort()).toEqual(Object.keys(vi.pages).sort());
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

	it("write every parameter in double braces, as it is filled in", () => {
		for (const [key, texts] of [...vietnamese, ...english]) {
			const rest = texts.join(" ").replaceAll(/\{\{\w+\}\}/g, "");
			expect(rest, key).not.toMatch(/[{}]/);
		}
	});

	it("speak without exclamation marks", () => {
		for (const [key, texts] of [...vietnamese, ...english]) {
			expect(texts.join(" "), key).not.toContain("!");
		}
	});
});

/** The words in quotes that a generated TypeScript type lists. */
const generated = import.meta.glob<string>(
	"../protocol/generated/{ProblemCode,RefusalCode,ByeReason}.ts",
	{ eager: true, query: "?raw", import: "default" },
);

function codesOf(type: string, quoted: RegExp): string[] {
	const source = generated[`../protocol/generated/${type}.ts`] ?? "";
	const codes = [...source.matchAll(quoted)].map((match) => match[1] ?? "");
	if (codes.length === 0) throw new Error(`${type} lists no codes`);
	return codes;
}

describe("everything that the server can refuse has a sentence", () => {
	const everyWord = /"([a-z_]+)"/g;

	it("failed requests, by the code of the problem", () => {
		for (const code of codesOf("ProblemCode", everyWord)) {
			expect(vietnamese.has(`pages.problem.${code}`), code).toBe(true);
		}
	});

	it("refused commands", () => {
		for (const code of codesOf("RefusalCode", everyWord)) {
			expect(vietnamese.has(`room.notice.refusal_${code}`), code).toBe(true);
		}
	});

	it("farewells, with what to do then", () => {
		for (const reason of codesOf("ByeReason", /"type": "([a-z_]+)"/g)) {
			expect(vietnamese.has(`room.bye.${reason}`), reason).toBe(true);
			expect(vietnamese.has(`room.bye.${reason}_do`), reason).toBe(true);
		}
	});
});
