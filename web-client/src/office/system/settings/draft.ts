import type { Setting } from "@/protocol/generated/Setting";
import type { SettingKey } from "@/protocol/generated/SettingKey";
import type { SettingShape } from "@/protocol/generated/SettingShape";
import type { Settings } from "@/protocol/generated/Settings";
import type { SettingValue } from "@/protocol/generated/SettingValue";
import type { SettingWrite } from "@/protocol/generated/SettingWrite";

/** What is typed and not yet written, by [`place`]; `null` is back to the default. */
export type Drafts = Readonly<Record<string, string | null>>;

/** Where a value stands: a setting, or a target of a year. */
export const place = (key: SettingKey, year?: number): string =>
	year === undefined ? key : `${key}@${year}`;

/** A value as it stands in a field. */
export const typed = (value: SettingValue | null): string =>
	value === null ? "" : String(value);

/** A value that a setting takes, read from a field; `undefined` when it is none. An empty field is the default. */
export function read(
	shape: SettingShape,
	text: string,
): SettingValue | null | undefined {
	const trimmed = text.trim();
	if (trimmed === "") return null;
	if (shape.type !== "number") return trimmed;
	if (!/^\d{1,9}$/.test(trimmed)) return undefined;
	const number = Number(trimmed);
	return number >= shape.least && number <= shape.most ? number : undefined;
}

/** The shape of a target: a share of a hundred. */
export const percent: SettingShape = {
	type: "number",
	least: 0,
	most: 100,
	unit: "percent",
};

/** A change that is to be written: what it is of, what it was, what it is to be. */
export interface Change {
	write: SettingWrite;
	before: SettingValue | null;
	after: SettingValue | null;
}

/** What of the drafts is another than what stands; `undefined` when one of them is none that is taken. */
export function changesOf(
	settings: Settings,
	drafts: Drafts,
): Change[] | undefined {
	const changes: Change[] = [];
	for (const setting of settings.settings) {
		const draft = drafts[place(setting.key)];
		if (draft === undefined) continue;
		const change = changeOf(setting, draft);
		if (change === undefined) return undefined;
		if (change !== null) changes.push(change);
	}
	for (const [where, draft] of Object.entries(drafts)) {
		const [key, year] = where.split("@");
		if (year === undefined) continue;
		const after = read(percent, draft ?? "");
		if (after === undefined) return undefined;
		const known = settings.years.find((one) => String(one.year) === year);
		const before =
			known?.targets.find((target) => target.key === key)?.percent ?? null;
		if (after === before) continue;
		changes.push({
			write: { key: key as SettingKey, year: Number(year), value: after },
			before,
			after,
		});
	}
	return changes;
}

function changeOf(
	setting: Setting,
	draft: string | null,
): Change | null | undefined {
	const value = draft === null ? null : read(setting.shape, draft);
	if (value === undefined) return undefined;
	// What is typed as it is by default, where nobody has said anything, says nothing.
	const same =
		value === null
			? !setting.is_own
			: setting.is_own
				? value === setting.value
				: value === setting.default;
	if (same) return null;
	return {
		write: { key: setting.key, value },
		before: setting.value,
		after: value ?? setting.default,
	};
}
