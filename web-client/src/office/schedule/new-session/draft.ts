import {
	countCharacters,
	formatDate,
	formatTime,
	parseDate,
	parseTime,
} from "@/format";
import type { AutoRecord } from "@/protocol/generated/AutoRecord";
import type { Me } from "@/protocol/generated/Me";
import type { NewSession } from "@/protocol/generated/NewSession";
import type { Preset } from "@/protocol/generated/Preset";
import type { Secrecy } from "@/protocol/generated/Secrecy";
import type { SessionDefaults } from "@/protocol/generated/SessionDefaults";
import type { SessionKind } from "@/protocol/generated/SessionKind";
import { type Chosen, readChosen } from "../officers/chosen";

const minuteUs = 60_000_000;
const hourUs = 60 * minuteUs;
const dayUs = 24 * hourUs;

/** The longest title, in characters as people count them: the server's own line. */
export const maxTitle = 200;

/** How far ahead a session may be planned: the server's own line, two years. */
const maxAheadUs = 731 * dayUs;

/** A session as it is being typed: texts stay as they are until they are read. */
export interface Draft {
	title: string;
	kind: SessionKind;
	/** How the room shares out rights. */
	preset: Preset;
	/** Whether that was chosen by hand, so that the kind no longer decides. */
	presetChosen: boolean;
	date: string;
	from: string;
	to: string;
	conveningUnit: string;
	/** Those in charge; whoever plans it chairs it when no chair is among them. */
	officers: Chosen[];
	secrecy: Secrecy;
	autoRecord: boolean;
	/** Whether recording was switched by hand, so that the kind no longer decides. */
	autoRecordChosen: boolean;
	/** Said by the switch; an internal session lets none all the same. */
	guestsMayReplay: boolean;
	/** Codes of the chosen points, in seat order. */
	points: string[];
}

/** When a session is to be, as it is being typed. */
export type Times = Pick<Draft, "date" | "from" | "to">;

/** What is wrong with a draft, by field; nothing when it can be sent. */
export interface Problems {
	title?: "titleMissing" | "titleLong" | undefined;
	date?: "dateUnreadable" | "tooFar" | undefined;
	from?: "timeUnreadable" | "past" | undefined;
	to?: "timeUnreadable" | "sameTime" | undefined;
	points?: "pointsMissing" | undefined;
}

/** What a draft begins with where the department has said nothing, or cannot be asked. */
export const usual: SessionDefaults = {
	kind: "meeting",
	minutes: 90,
	auto_record: "conferences",
};

/** A draft for the next whole hour of today (or tomorrow, late in the evening), as the department begins one. */
export function emptyDraft(
	nowUs: number,
	me: Me,
	{ kind, minutes, auto_record }: SessionDefaults,
): Draft {
	const start = Math.ceil((nowUs + 1) / hourUs) * hourUs;
	return {
		title: "",
		kind,
		preset: presetOf(kind),
		presetChosen: false,
		date: formatDate(start),
		from: formatTime(start),
		to: formatTime(start + minutes * minuteUs),
		conveningUnit: me.convenes_for[0]?.code ?? "",
		officers: [],
		secrecy: "normal",
		autoRecord: records(auto_record, kind),
		autoRecordChosen: false,
		guestsMayReplay: false,
		points: [],
	};
}

/** Another kind, and what comes with it: how rights are shared out and whether it is recorded, unless somebody has said otherwise. */
export const changeKind = (
	draft: Draft,
	kind: SessionKind,
	autoRecord: AutoRecord,
): Partial<Draft> => ({
	kind,
	...(!draft.presetChosen && { preset: presetOf(kind) }),
	...(!draft.autoRecordChosen && { autoRecord: records(autoRecord, kind) }),
});

/** How the room of a kind shares out rights where nobody has said otherwise; the server's `Preset::of`. */
function presetOf(kind: SessionKind): Preset {
	switch (kind) {
		case "training":
		case "class_observation":
			return "training";
		case "conference":
			return "conference";
		case "meeting":
		case "briefing":
		case "seminar":
			return "discussion";
	}
}

/** Whether a kind is recorded where nobody has said otherwise. */
function records(which: AutoRecord, kind: SessionKind): boolean {
	switch (which) {
		case "never":
			return false;
		case "conferences":
			return kind === "conference";
		case "conferences_and_trainings":
			return kind === "conference" || kind === "training";
		case "always":
			return true;
	}
}

/** The draft at another begin, as long as before. */
export function moveTo(draft: Times, startUs: number, nowUs: number): Times {
	const { start, end } = readTimes(draft, nowUs);
	const length = start === null || end === null ? hourUs : end - start;
	return {
		date: formatDate(startUs),
		from: formatTime(startUs),
		to: formatTime(startUs + length),
	};
}

/** Begin and end in microseconds UTC, as far as they can be read. An end before the begin is the next morning's. */
export function readTimes(
	draft: Times,
	nowUs: number,
): { day: number | null; start: number | null; end: number | null } {
	const day = parseDate(draft.date, nowUs);
	const from = parseTime(draft.from);
	const to = parseTime(draft.to);
	const start = day === null || from === null ? null : day + from;
	const end =
		day === null || from === null || to === null
			? null
			: day + to + (to < from ? dayUs : 0);
	return { day, start, end };
}

/** Looks over a draft at `nowUs`. */
export function problemsOf(draft: Draft, nowUs: number): Problems {
	return {
		...titleProblem(draft.title),
		...timeProblems(draft, nowUs),
		...(draft.points.length === 0 && { points: "pointsMissing" }),
	};
}

/** What is wrong with a title. */
export function titleProblem(typed: string): Problems {
	const title = typed.trim();
	if (title === "") return { title: "titleMissing" };
	return countCharacters(title) > maxTitle ? { title: "titleLong" } : {};
}

/** What is wrong with a time at `nowUs`. */
export function timeProblems(draft: Times, nowUs: number): Problems {
	const problems: Problems = {};
	const { day, start, end } = readTimes(draft, nowUs);
	if (day === null) problems.date = "dateUnreadable";
	else if (day > nowUs + maxAheadUs) problems.date = "tooFar";
	if (parseTime(draft.from) === null) problems.from = "timeUnreadable";
	if (parseTime(draft.to) === null) problems.to = "timeUnreadable";
	if (start !== null && end !== null) {
		if (end === start) problems.to = "sameTime";
		else if (end <= nowUs) problems.from = "past";
	}
	return problems;
}

/** The request for a draft without problems. */
export function readDraft(draft: Draft, nowUs: number): NewSession {
	const { start, end } = readTimes(draft, nowUs);
	return {
		title: draft.title.trim(),
		kind: draft.kind,
		preset: draft.preset,
		starts_at_us: start ?? 0,
		ends_at_us: end ?? 0,
		bridge_points: draft.points,
		...(draft.conveningUnit !== "" && { convening_unit: draft.conveningUnit }),
		...(draft.officers.length > 0 && {
			officers: readChosen(draft.officers),
		}),
		secrecy: draft.secrecy,
		auto_record: draft.autoRecord,
		guests_may_replay: draft.guestsMayReplay && draft.secrecy === "normal",
	};
}
