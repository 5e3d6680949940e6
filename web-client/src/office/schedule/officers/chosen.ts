import type { NewOfficer } from "@/protocol/generated/NewOfficer";
import type { OfficerPart } from "@/protocol/generated/OfficerPart";

/** Somebody who is to be in charge. */
export interface Chosen {
	part: OfficerPart;
	/** Id of the person. */
	person: string;
	name: string;
}

/** The parts, in the order in which they are shown. */
export const parts: readonly OfficerPart[] = [
	"chair",
	"secretary",
	"presenter",
	"technician",
];

const isSame = (a: Chosen, b: Chosen) =>
	a.part === b.part && a.person === b.person;

/** Whether somebody is named for a part already. */
export const isChosen = (chosen: Chosen[], one: Chosen): boolean =>
	chosen.some((it) => isSame(it, one));

/** With one more, by part; another chair takes the place of the one there was. */
export function withChosen(chosen: Chosen[], one: Chosen): Chosen[] {
	const kept = chosen.filter(
		(it) => !isSame(it, one) && !(one.part === "chair" && it.part === "chair"),
	);
	return [...kept, one].sort(
		(a, b) => parts.indexOf(a.part) - parts.indexOf(b.part),
	);
}

/** As they are sent. */
export const readChosen = (chosen: Chosen[]): NewOfficer[] =>
	chosen.map(({ part, person }) => ({ part, person }));
