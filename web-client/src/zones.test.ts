import { describe, expect, it } from "vitest";

/** Every file of ours by its path below `src`; tests may import what they like, and what is generated imports itself. */
const sources = new Map(
	Object.entries(
		import.meta.glob<string>(
			[
				"./**/*.{ts,tsx}",
				"!./**/*.test.{ts,tsx}",
				"!./test/**",
				"!./protocol/**",
			],
			{ eager: true, query: "?raw", import: "default" },
		),
	).map(([path, text]) => [path.replace("./", ""), text]),
);

/** What each zone may import beside itself and packages. No office domain may import another, and no shared noun another. */
const may: Record<string, readonly string[]> = {
	main: ["app", "session", "i18n", "theme"],
	app: [
		"office",
		"room",
		"session",
		"kit",
		"i18n",
		"format",
		"protocol",
		"theme",
	],
	office: ["shared", "session", "kit", "i18n", "format", "protocol"],
	shared: ["session", "kit", "format", "protocol"],
	session: ["kit", "format", "protocol"],
	kit: [],
	i18n: [],
	format: [],
	theme: [],
	room: ["room/features", "session"],
	"room/features": [
		"room/view",
		"room/stay",
		"room/state",
		"room/signaling",
		"room/media",
		"shared",
		"session",
		"kit",
		"i18n",
		"format",
		"protocol",
	],
	"room/view": ["room/stay", "room/state", "room/media", "protocol"],
	"room/stay": ["room/state", "room/signaling", "room/media", "protocol"],
	"room/state": [
		"room/words",
		"room/signaling",
		"room/media",
		"format",
		"protocol",
	],
	"room/signaling": ["format", "protocol"],
	"room/media": ["protocol"],
};

/** Imports that `may` would refuse, each with its reason. */
const exceptions: readonly { from: string; to: RegExp; why: string }[] = [
	{
		from: "i18n/vi.ts",
		to: /\/words\.vi$/,
		why: "the catalogue is composed of every zone's words",
	},
	{
		from: "i18n/vi.office.ts",
		to: /\/words\.vi$/,
		why: "the catalogue is composed of every zone's words",
	},
	{
		from: "i18n/en.ts",
		to: /\/words\.en$/,
		why: "the catalogue is composed of every zone's words",
	},
];

/** The zone that a file, or a path without its ending, lies in: `office/access`, `room/media`, `kit`. */
function zoneOf(path: string): string {
	const [first = "", second = "", third] = path.split("/");
	if (second === "") return "main";
	if (first === "room" && third === undefined) {
		return second.startsWith("words.") ? "room/words" : "room";
	}
	return ["office", "shared", "room"].includes(first)
		? `${first}/${second}`
		: first;
}

/** The name under which a zone stands in `may`: all office domains are alike, and all shared nouns. */
const kindOf = (zone: string): string =>
	zone.startsWith("office/") || zone.startsWith("shared/")
		? zone.slice(0, zone.indexOf("/"))
		: zone;

/** What a file imports: paths below `src` of what is ours, and the names of packages. */
interface Imports {
	/** With the file itself. */
	ours: string[];
	/** When it is needed. */
	lazily: string[];
	packages: string[];
}

function importsOf(path: string, text = sources.get(path) ?? ""): Imports {
	const imports: Imports = { ours: [], lazily: [], packages: [] };
	for (const [, paren, name = ""] of text.matchAll(
		/\b(?:from|import)\s*(\(?)\s*"([^"]+)"/g,
	)) {
		if (!/^(@\/|\.)/.test(name)) {
			imports.packages.push(name);
			continue;
		}
		const { pathname } = name.startsWith("@/")
			? new URL(name.slice(2), "file:///")
			: new URL(name, `file:///${path}`);
		const found = pathname.slice(1).replace(/\/$/, "");
		imports[paren ? "lazily" : "ours"].push(
			// A zone is imported by its index.
			found.includes("/") ? found : `${found}/index`,
		);
	}
	return imports;
}

describe("the zones", () => {
	it("lean one way", () => {
		const wrong: string[] = [];
		for (const path of sources.keys()) {
			const from = zoneOf(path);
			const { ours, lazily } = importsOf(path);
			for (const imported of [...ours, ...lazily]) {
				const to = zoneOf(imported);
				if (
					to !== from &&
					!may[kindOf(from)]?.includes(kindOf(to)) &&
					!exceptions.some((one) => one.from === path && one.to.test(imported))
				) {
					wrong.push(`${path} imports ${imported}`);
				}
			}
		}
		expect(wrong).toEqual([]);
	});

	it("need every exception that is made", () => {
		for (const { from, to } of exceptions) {
			expect(
				importsOf(from).ours.some((one) => to.test(one)),
				from,
			).toBe(true);
		}
	});

	it("let the room decide, and speak with the server and the devices, without React", () => {
		const wrong = [...sources.keys()].filter(
			(path) =>
				/^room\/(state|stay|signaling|media)\//.test(path) &&
				importsOf(path).packages.some((name) => /^(react|@mantine)/.test(name)),
		);
		expect(wrong).toEqual([]);
	});

	it("are known to the app by their routes alone, so that a page comes when somebody goes there", () => {
		const known = [...sources.keys()]
			.filter((path) => path.startsWith("app/"))
			.flatMap((path) => importsOf(path).ours)
			.filter((path) => /^(office|room)\//.test(path));
		expect(known.length).toBeGreaterThan(0);
		for (const path of known) {
			expect(path).toMatch(/\/routes$/);
			const { ours, lazily } = importsOf(`${path}.tsx`);
			expect(ours, path).toContain("session/routes");
			expect(lazily.length, path).toBeGreaterThan(0);
			// What reads the address of a page comes with the routes, so it brings neither a package nor a component.
			const everywhere = ["session/routes", "i18n/index"];
			const beside = new Set(ours.filter((one) => !everywhere.includes(one)));
			for (const one of beside) {
				const text = sources.get(`${one}.ts`);
				expect(text, `${path} brings ${one}`).toBeDefined();
				const values = text?.replaceAll(/\bimport type\b[^;]*;/g, "");
				const brought = importsOf(`${one}.ts`, values);
				expect(brought.packages, one).toEqual([]);
				for (const deeper of brought.ours) beside.add(deeper);
			}
		}
	});
});

/** The zone whose words stand under each name of the catalogue of pages. */
const owners = new Map(
	Object.entries(
		import.meta.glob<{ words: object }>(["./**/words.vi.ts", "!./room/**"], {
			eager: true,
		}),
	).flatMap(([path, { words }]) =>
		Object.keys(words).map((name) => [name, zoneOf(path.replace("./", ""))]),
	),
);

describe("the words", () => {
	it("that a zone says are its own, or of a zone that it may import", () => {
		const wrong: string[] = [];
		for (const [path, text] of sources) {
			const from = zoneOf(path);
			// The room has a catalogue of its own, with names of its own.
			if (from.startsWith("room") || path.includes("/words.")) continue;
			for (const [, name = "", key = ""] of text.matchAll(
				/["`]((\w+)\.\w[\w.]*)(?:"|`|\$\{)/g,
			)) {
				const owner = owners.get(key);
				if (
					owner !== undefined &&
					owner !== from &&
					from !== "app" &&
					!may[kindOf(from)]?.includes(kindOf(owner))
				) {
					wrong.push(`${path} says ${name}`);
				}
			}
		}
		expect(wrong).toEqual([]);
	});
});
