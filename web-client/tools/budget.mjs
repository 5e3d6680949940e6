// Adds up what a browser must fetch before it can show "Vào họp": the entry, and the lazy parts of the page behind
// each door, with everything they import. Fails above the budget. `npm run build` first.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const budgetBytes = 230_000;
const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(
	readFileSync(new URL(".vite/manifest.json", dist), "utf8"),
);

/** Where people meet a key that leads into a room. */
const doors = {
	"sign-in": ["src/office/access/sign-in/index.ts"],
	home: ["src/app/Shell.tsx", "src/office/schedule/home/index.ts"],
	"joining link": ["src/office/access/joining-link/index.ts"],
	"session page": ["src/app/Shell.tsx", "src/office/schedule/session/index.ts"],
	"device check": [
		"src/room/features/join/index.tsx",
		"src/room/features/join/index.ts",
	],
};

/** Adds a chunk and what it imports statically to `files`. */
function collect(key, files) {
	const chunk = manifest[key];
	if (chunk === undefined || files.has(chunk.file)) return;
	files.add(chunk.file);
	for (const imported of chunk.imports ?? []) collect(imported, files);
}

let failed = false;
for (const [name, entries] of Object.entries(doors)) {
	const files = new Set();
	collect("index.html", files);
	const before = files.size;
	for (const entry of entries) collect(entry, files);
	if (files.size === before) {
		process.stderr.write(`${name}: no such part in the build\n`);
		failed = true;
		continue;
	}
	let bytes = 0;
	for (const file of files) {
		if (!file.endsWith(".js")) continue;
		bytes += gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length;
	}
	const over = bytes > budgetBytes;
	failed ||= over;
	process.stdout.write(
		`${name.padEnd(14)} ${(bytes / 1_000).toFixed(1).padStart(6)} kB gzip of ${budgetBytes / 1_000}${over ? "  OVER" : ""}\n`,
	);
}
process.exitCode = failed ? 1 : 0;
