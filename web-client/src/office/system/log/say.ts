import type { TFunction } from "i18next";
import { formatDate, formatSeconds } from "@/format";
import type { AuditAction } from "@/protocol/generated/AuditAction";
import type { AuditLine } from "@/protocol/generated/AuditLine";

/** Who did it, in words. */
export function sayWho(t: TFunction<"pages">, { actor }: AuditLine): string {
	if (actor.kind === "system") return t("system.log.server");
	return actor.name ?? actor.login ?? t("system.log.nameless");
}

/** What it was done to, in words; by its own word in the log where it has no name. */
export function sayThing(t: TFunction<"pages">, { thing }: AuditLine): string {
	const whole =
		thing.kind === "audit_log"
			? t("system.log.itself")
			: (thing.name ?? thing.code ?? thing.word);
	return thing.participant === null ? whole : `${thing.participant}, ${whole}`;
}

/** What an action is called; by its own name where this server gives it no words. */
export function sayAction(
	actions: AuditAction[],
	language: string,
	name: string,
): string {
	const known = actions.find((action) => action.name === name);
	return known?.[language === "en" ? "en" : "vi"] ?? name;
}

/** What of a thing was changed: name, before, after; empty where there is none. */
export interface Change {
	field: string;
	before: string;
	after: string;
}

/** The fields of a line, in their order; `erased` stands where a text was deleted. */
export function changesOf(line: AuditLine, erased: string): Change[] {
	const [before, after] = [fields(line.before), fields(line.after)];
	const names = new Set([...Object.keys(before), ...Object.keys(after)]);
	return [...names].map((field) => ({
		field,
		before: sayValue(field, before[field], erased),
		after: sayValue(field, after[field], erased),
	}));
}

function fields(value: unknown): Record<string, unknown> {
	if (value === null || value === undefined) return {};
	return typeof value === "object" && !Array.isArray(value)
		? { ...value }
		: { value };
}

/** What the server tells instead of a text that was deleted with somebody's data. */
const isErased = (value: unknown): boolean =>
	typeof value === "object" &&
	value !== null &&
	"erased" in value &&
	value.erased === true;

function sayValue(field: string, value: unknown, erased: string): string {
	if (value === null || value === undefined) return "";
	if (typeof value === "number" && field.endsWith("_us")) {
		return `${formatSeconds(value)}, ${formatDate(value)}`;
	}
	if (isErased(value)) return erased;
	return typeof value === "string"
		? value
		: JSON.stringify(value, (_, part) => (isErased(part) ? erased : part));
}

/** The first sixteen digits of a hash, in fours. */
export const sayHash = (hash: string): string =>
	(hash.slice(0, 16).match(/.{1,4}/g) ?? []).join(" ");
