import { formatMbps } from "@/format";
import type { Explanation } from "@/protocol/generated/Explanation";
import type { PictureExplanation } from "@/protocol/generated/PictureExplanation";

const megabits = (bps: number) => `${formatMbps(bps)} Mbit/s`;

/** What the sentences about a picture, or about all of them, may name. */
export interface Why {
	key:
		| "best"
		| "paused"
		| "link"
		| "rising"
		| "keyframe"
		| "publisher"
		| "choice"
		| "view"
		| "codec"
		| "muted";
	/** What it would take, in words; empty where nothing is missing. */
	needed: string;
}

/** Says what holds one picture back, with what it would take. */
export function whyOf({ reason, given, needed_bps }: PictureExplanation): Why {
	const next = needed_bps[given === null ? 0 : given + 1];
	const needed = next === undefined ? "" : megabits(next);
	if (reason !== "link") return { key: reason, needed: "" };
	return { key: given === null ? "paused" : "link", needed };
}

/** Says why the pictures as a whole are as they are: the cause that most of them share, and the link's before others. */
export function verdictOf({
	estimate_bps,
	voices_bps,
	pictures,
}: Explanation): {
	key: "link" | "choice" | "publisher" | "enough" | "nothing";
	estimate: string;
	voices: string;
	count: number;
} {
	const count = (...reasons: PictureExplanation["reason"][]) =>
		pictures.filter(({ reason }) => reasons.includes(reason)).length;
	const said = {
		estimate: megabits(estimate_bps ?? 0),
		voices: megabits(voices_bps),
	};
	const held = count("link");
	if (held > 0) return { key: "link", count: held, ...said };
	const chosen = count("choice");
	if (chosen > 0) return { key: "choice", count: chosen, ...said };
	const weak = count("publisher");
	if (weak > 0) return { key: "publisher", count: weak, ...said };
	return {
		key: pictures.length > 0 ? "enough" : "nothing",
		count: pictures.length,
		...said,
	};
}
