import {
	countCharacters,
	formatDate,
	formatTime,
	parseDate,
	parseTime,
} from "@/format";
import type { Me } from "@/protocol/generated/Me";
import type { NewSession } from "@/protocol/generated/NewSession";
import type { Secrecy } from "@/protocol/generated/Secrecy";
import type { SessionKind } from "@/protocol/generated/SessionKind";

const hourUs = 3_600_000_000;
const dayUs = 24 * hourUs;

/** The longest title, in characters as people count them: the server's own line. */
export const maxTitle = 200;

/** How far ahead a session may be planned: the server's own line, two years. */
const maxAheadUs = 731 * dayUs;

/** A session as it is being typed: texts stay as they are until they are read. */
export interface Draft {
	title: string;
	kind: SessionKind;
	date: string;
	from: string;
	to: string;
	conveningUnit: string;
	/** Login of the secretary; empty for none. */
	secretary: string;
	secrecy: Secrecy;
	autoRecord: boolean;
	/** Whether recording was switched by hand, so that the kind no longer decides. */
	autoRecordChosen: boolean;
	/** Said by the switch; an internal session lets none all the same. */
	guestsMayReplay: boolean;
	/** Codes of the chosen points, in seat order. */
	points: string[];
}

/** What is wrong with a draft, by field; nothing when it can be sent. */
export interface Problems {
	title?: "titleMissing" | "titleLong" | undefined;
	date?: "dateUnreadable" | "tooFar" | undefined;
	from?: "timeUnreadable" | "past" | undefined;
	to?: "timeUnreadable" | "sameTime" | undefined;
	points?: "pointsMissing" | undefined;
}

/** A draft for the next whole hour of today (or tomorrow, late in the evening), an hour and a half long. */
export function emptyDraft(nowUs: number, me: Me): Draft {
	const start = Math.ceil((nowUs + 1) / hourUs) * hourUs;
	return {
		title: "",
		kind: "meeting",
		date: formatDate(start),
		from: formatTime(start),
		to: formatTime(start + 1.5 * hourUs),
		conveningUnit: me.convenes_for[0]?.code ?? "",
		secretary: "",
		secrecy: "normal",
		autoRecord: false,
		autoRecordChosen: false,
		guestsMayReplay: false,
		points: [],
	};
}

/** Another kind, and what comes with it: a conference is recorded unless somebody has said otherwise. */
export const changeKind = (
	draft: Draft,
	kind: SessionKind,
): Partial<Draft> => ({
	kind,
	...(!draft.autoRecordChosen && { autoRecord: kind === "conference" }),
});

/** The draft at another begin, as long as before. */
export function moveTo(
	draft: Draft,
	startUs: number,
	nowUs: number,
): Pick<Draft, "date" | "from" | "to"> {
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
	draft: Pick<Draft, "date" | "from" | "to">,
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
	const problems: Problems = {};
	const title = draft.title.trim();
	if (title === "") problems.title = "titleMissing";
	else if (countCharacters(title) > maxTitle) problems.title = "titleLong";
	const { day, start, end } = readTimes(draft, nowUs);
	if (day === null) problems.date = "dateUnreadable";
	else if (day > nowUs + maxAheadUs) problems.date = "tooFar";
	if (parseTime(draft.from) === null) problems.from = "timeUnreadable";
	if (parseTime(draft.to) === null) problems.to = "timeUnreadable";
	if (start !== null && end !== null) {
		if (end === start) problems.to = "sameTime";
		else if (end <= nowUs) problems.from = "past";
	}
	if (draft.points.length === 0) problems.points = "pointsMissing";
	return problems;
}

/** The request for a draft without problems. */
export function readDraft(draft: Draft, nowUs: number): NewSession {
	const { start, end } = readTimes(draft, nowUs);
	return {
		title: draft.title.trim(),
		kind: draft.kind,
		starts_at_us: start ?? 0,
		ends_at_us: end ?? 0,
		bridge_points: draft.points,
		...(draft.conveningUnit !== "" && { convening_unit: draft.conveningUnit }),
		...(draft.secretary.trim() !== "" && {
			secretary: draft.secretary.trim(),
		}),
		secrecy: draft.secrecy,
		auto_record: draft.autoRecord,
		guests_may_replay: draft.guestsMayReplay && draft.secrecy === "normal",
	};
}
