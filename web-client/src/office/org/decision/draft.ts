import type { NewUnitChange } from "@/protocol/generated/NewUnitChange";
import type { UnitRow } from "@/protocol/generated/UnitRow";
import type { UnitSpec } from "@/protocol/generated/UnitSpec";
import type { UnitStep } from "@/protocol/generated/UnitStep";

/** What a step does. */
export type Act = UnitStep["act"];

/** In the order of the keys. */
export const acts: readonly Act[] = [
	"merge",
	"split",
	"rename",
	"move",
	"close",
	"add",
];

/** A step as it is being filled in. */
export interface Draft {
	act: Act;
	/** The units that it is about; only a merger has several. */
	codes: string[];
	/** The unit that comes out of it. */
	into: UnitSpec;
	/** The second part of a split. */
	other: UnitSpec;
	/** Who takes over from a unit that is closed; "" is nobody. */
	heir: string;
	/** Of a split: the units below that go to the second part. */
	toOther: string[];
}

const nothing: UnitSpec = { code: "", name: "", kind: "", parent: null };

/** A step of a kind, begun at a unit. */
export function emptyDraft(act: Act, unit: UnitRow | undefined): Draft {
	const like = { ...nothing, kind: unit?.kind ?? "school" };
	return {
		act,
		codes: unit === undefined || act === "add" ? [] : [unit.code],
		into:
			// Of a split, the first part is the unit as it goes on, until somebody gives it another code.
			(act === "rename" || act === "split") && unit !== undefined
				? { ...like, code: unit.code, name: unit.name, parent: unit.parent }
				: act === "add"
					? { ...like, kind: "school", parent: unit?.code ?? null }
					: { ...like, parent: unit?.parent ?? null },
		other: { ...like, parent: unit?.parent ?? null },
		heir: "",
		toOther: [],
	};
}

const isWhole = ({ code, name, kind }: UnitSpec) =>
	code.trim() !== "" && name.trim() !== "" && kind.trim() !== "";

/** The step, when everything that it needs is filled in. */
export function readStep(draft: Draft): UnitStep | null {
	const { act, codes, into, other, heir } = draft;
	const [code] = codes;
	switch (act) {
		case "add":
			return isWhole(into) ? { act, unit: into } : null;
		case "rename":
			return code !== undefined && into.name.trim() !== ""
				? { act, code, name: into.name, kind: into.kind }
				: null;
		case "move":
			return code !== undefined && into.parent !== null
				? { act, code, parent: into.parent }
				: null;
		case "close":
			return code === undefined ? null : { act, code, heir: heir || null };
		case "merge":
			return codes.length > 0 && isWhole(into) ? { act, codes, into } : null;
		case "split":
			return code !== undefined && isWhole(into) && isWhole(other)
				? {
						act,
						code,
						into: [into, other],
						heir: into.code,
						children: Object.fromEntries(
							draft.toOther.map((child) => [child, other.code]),
						),
					}
				: null;
	}
}

/** The whole decision: the steps that are done, and the one that is being filled in. */
export const readDecision = (
	head: { document: string; title: string; day: string },
	done: readonly UnitStep[],
	step: UnitStep | null,
): NewUnitChange => ({
	...head,
	steps: step === null ? [...done] : [...done, step],
});
