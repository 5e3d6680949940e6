import { startOfDay } from "@/format";
import type { Session } from "@/protocol/generated/Session";
import { isOver } from "@/shared/session/times";

/** The sessions of a person, as the home page shows them. */
export interface Arranged {
	/** The one to go to: live, or the next of today. None when nothing is left today. */
	at: Session | undefined;
	/** All others that touch today, earliest first. */
	today: Session[];
	/** The days after today that have sessions, earliest first. */
	later: { day: number; sessions: Session[] }[];
	/** What is over and can be seen again, latest first, at most eight. */
	replay: Session[];
}

/**
 * Sorts sessions by what the person at `now` (microseconds UTC) should do with them. The one to go to is chosen among `all`, of
 * which `sessions` may be a part.
 */
export function arrange(
	sessions: Session[],
	now: number,
	all: Session[] = sessions,
): Arranged {
	const tomorrow = startOfDay(now, 1);
	const inOrder = byBegin(sessions);
	const at = byBegin(all)
		.filter((session) => isOfToday(session, now) && !isOver(session.state))
		.sort((a, b) => urgency(b, now) - urgency(a, now))[0];

	const later: Arranged["later"] = [];
	for (const session of inOrder) {
		if (session.starts_at_us < tomorrow) continue;
		const day = startOfDay(session.starts_at_us);
		const last = later.at(-1);
		if (last?.day === day) last.sessions.push(session);
		else later.push({ day, sessions: [session] });
	}

	return {
		at,
		today: inOrder.filter(
			(session) => isOfToday(session, now) && session.code !== at?.code,
		),
		later,
		replay: inOrder.filter(canReplay).reverse().slice(0, 8),
	};
}

/** How many of `sessions` somebody sees: those in the lists, and the one to go to. */
export function listed(
	{ at, today, later, replay }: Arranged,
	sessions: Session[],
): number {
	const shown = new Set(
		[
			...(at === undefined ? [] : [at]),
			...today,
			...later.flatMap(({ sessions }) => sessions),
			...replay,
		].map(({ code }) => code),
	);
	return sessions.filter(({ code }) => shown.has(code)).length;
}

const byBegin = (sessions: Session[]) =>
	[...sessions].sort((a, b) => a.starts_at_us - b.starts_at_us);

const isOfToday = (session: Session, now: number) =>
	session.starts_at_us < startOfDay(now, 1) &&
	session.ends_at_us > startOfDay(now);

/** Whether it is over, was recorded, and this person may see it. */
export const canReplay = (session: Session): boolean =>
	session.state === "ended" &&
	session.has_recording &&
	session.may.includes("view_recordings");

/** Live before others, one's own before others', the chair's before a guest's, the earlier before the later. */
function urgency(session: Session, now: number): number {
	const hoursAway = Math.abs(session.starts_at_us - now) / 3_600_000_000;
	return (
		(session.state === "live" ? 1_000 : 0) +
		(session.my_role === null ? 0 : 400) +
		(session.my_role === "chair" ? 200 : 0) -
		Math.min(hoursAway, 100)
	);
}
