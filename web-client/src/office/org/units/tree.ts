import { matches } from "@/format";
import type { UnitRow } from "@/protocol/generated/UnitRow";

/** A line of the tree as it is shown. */
export interface Line {
	unit: UnitRow;
	/** 0 at the root. */
	depth: number;
	/** Whether units stand below it. */
	hasChildren: boolean;
	open: boolean;
}

/** A tree, ready to be walked. */
export interface Forest {
	byCode: ReadonlyMap<string, UnitRow>;
	/** The units that stand, below each; "" has those at the top. */
	children: ReadonlyMap<string, readonly UnitRow[]>;
	/** Units that are no more, by name. */
	ended: readonly UnitRow[];
	/** How many units stand. */
	count: number;
}

const byName = (a: UnitRow, b: UnitRow) => a.name.localeCompare(b.name, "vi");

/** Builds the tree of these units. One whose unit above is out of sight stands at the top. */
export function plant(units: readonly UnitRow[]): Forest {
	const standing = units.filter(({ ended }) => !ended);
	const byCode = new Map(units.map((unit) => [unit.code, unit]));
	const codes = new Set(standing.map(({ code }) => code));
	const children = new Map<string, UnitRow[]>();
	for (const unit of [...standing].sort(byName)) {
		const above =
			unit.parent !== null && codes.has(unit.parent) ? unit.parent : "";
		const beside = children.get(above);
		if (beside) beside.push(unit);
		else children.set(above, [unit]);
	}
	return {
		byCode,
		children,
		ended: units.filter(({ ended }) => ended).sort(byName),
		count: standing.length,
	};
}

/** The codes of the units above one, the nearest first. */
export function above(forest: Forest, code: string): string[] {
	const line: string[] = [];
	let at = forest.byCode.get(code)?.parent ?? null;
	while (at !== null && !line.includes(at)) {
		line.push(at);
		at = forest.byCode.get(at)?.parent ?? null;
	}
	return line;
}

/** Whether a unit is what is searched for, by name or code. */
export const isFound = (unit: UnitRow, find: string): boolean =>
	matches(`${unit.name} ${unit.code}`, find);

/** The lines in sight: what is open, or, while something is searched for, what is found with all above it. */
export function lines(
	forest: Forest,
	open: ReadonlySet<string>,
	find: string,
): Line[] {
	const searches = find.trim() !== "";
	const kept = new Set<string>();
	if (searches) {
		for (const unit of forest.byCode.values()) {
			if (unit.ended || !isFound(unit, find)) continue;
			kept.add(unit.code);
			for (const code of above(forest, unit.code)) kept.add(code);
		}
	}
	const seen: Line[] = [];
	const walk = (code: string, depth: number) => {
		for (const unit of forest.children.get(code) ?? []) {
			if (searches && !kept.has(unit.code)) continue;
			const below = forest.children.get(unit.code) ?? [];
			const isOpen = searches
				? below.some((child) => kept.has(child.code))
				: open.has(unit.code);
			seen.push({
				unit,
				depth,
				hasChildren: below.length > 0,
				open: isOpen,
			});
			if (isOpen) walk(unit.code, depth + 1);
		}
	};
	walk("", 0);
	return seen;
}

/** A text cut into what a search found in it and what stands around. */
export function marked(
	text: string,
	find: string,
): { text: string; found: boolean }[] {
	const letters = [...text.normalize("NFC")];
	const folded = letters.map(plain).join("");
	const wanted = [...find.normalize("NFC")].map(plain).join("").trim();
	const first = wanted === "" ? -1 : folded.indexOf(wanted);
	if (first < 0 || folded.length !== letters.length) {
		return [{ text, found: false }];
	}
	const end = first + wanted.length;
	return [
		{ text: letters.slice(0, first).join(""), found: false },
		{ text: letters.slice(first, end).join(""), found: true },
		{ text: letters.slice(end).join(""), found: false },
	].filter((part) => part.text !== "");
}

const plain = (letter: string): string =>
	letter
		.normalize("NFD")
		.replace(/\p{Diacritic}/gu, "")
		.replace(/[đĐ]/g, "d")
		.toLowerCase();
