import { queryOptions } from "@tanstack/react-query";
import type { Attendee } from "@/protocol/generated/Attendee";
import type { Cancellation } from "@/protocol/generated/Cancellation";
import type { Candidate } from "@/protocol/generated/Candidate";
import type { Link } from "@/protocol/generated/Link";
import type { LinkRequest } from "@/protocol/generated/LinkRequest";
import type { LinkSummary } from "@/protocol/generated/LinkSummary";
import type { NewSession } from "@/protocol/generated/NewSession";
import type { Notice } from "@/protocol/generated/Notice";
import type { Officer } from "@/protocol/generated/Officer";
import type { PointRef } from "@/protocol/generated/PointRef";
import type { Session } from "@/protocol/generated/Session";
import type { SessionChange } from "@/protocol/generated/SessionChange";
import type { SessionDeed } from "@/protocol/generated/SessionDeed";
import type { SessionDefaults } from "@/protocol/generated/SessionDefaults";
import type { SessionKind } from "@/protocol/generated/SessionKind";
import { path, type Server } from "@/session";

/** Which sessions a list shows. A field that is absent takes every value. */
export interface SessionFilter {
	kind?: SessionKind;
	/** Code of the convening unit. */
	unit?: string;
}

/**
 * All sessions that overlap the time between two instants, in microseconds UTC, earliest first. A fresh "now" in the key would
 * ask again at every render, so callers pass days.
 */
export const sessionsQuery = (
	server: Server,
	fromUs: number,
	toUs: number,
	{ kind, unit }: SessionFilter = {},
) =>
	queryOptions({
		queryKey: ["sessions", fromUs, toUs, kind, unit],
		queryFn: ({ signal }) =>
			server.list<Session>(
				path`sessions?from=${fromUs}&to=${toUs}` +
					(kind === undefined ? "" : path`&kind=${kind}`) +
					(unit === undefined ? "" : path`&unit=${unit}`),
				signal,
			),
		refetchInterval: 30_000,
	});

/** What the page of a new session begins with. */
export const sessionDefaultsQuery = (server: Server) =>
	queryOptions({
		queryKey: ["session-defaults"],
		queryFn: ({ signal }) =>
			server.send<SessionDefaults>(
				"GET",
				"session-defaults",
				undefined,
				signal,
			),
	});

/** Plans a session. */
export const createSession = (server: Server, session: NewSession) =>
	server.send<Session>("POST", "sessions", session);

/** Changes a session, in the version that was read. */
export const changeSession = (
	server: Server,
	code: string,
	etag: string,
	change: SessionChange,
) =>
	server.send<Session>(
		"PATCH",
		path`sessions/${code}`,
		change,
		undefined,
		etag,
	);

/** Calls a session off, in the version that was read. */
export const cancelSession = (
	server: Server,
	code: string,
	etag: string,
	cancellation: Cancellation,
) =>
	server.send<Session>(
		"POST",
		path`sessions/${code}/cancel`,
		cancellation,
		undefined,
		etag,
	);

/**
 * People whose names have these letters, whom the caller may name for a part: in a session that is planned, or in one that a unit is
 * to convene.
 */
export const candidatesQuery = (
	server: Server,
	of: { session: string } | { unit: string },
	search: string,
) =>
	queryOptions({
		queryKey: ["officer-candidates", of, search],
		queryFn: ({ signal }) =>
			server.list<Candidate>(
				"session" in of
					? path`sessions/${of.session}/officer-candidates?search=${search}`
					: path`officer-candidates?search=${search}&unit=${of.unit}`,
				signal,
			),
		enabled: search.length > 1,
		staleTime: 60_000,
	});

/** Who is in charge of a session, by part. */
export const officersQuery = (server: Server, code: string) =>
	queryOptions({
		queryKey: ["session", code, "officers"],
		queryFn: ({ signal }) =>
			server.list<Officer>(path`sessions/${code}/officers`, signal),
	});

/** Who did what to a session, newest first. */
export const historyQuery = (server: Server, code: string) =>
	queryOptions({
		queryKey: ["session", code, "history"],
		queryFn: ({ signal }) =>
			server.list<SessionDeed>(path`sessions/${code}/history`, signal),
	});

/** What the caller was told of sessions and has not seen yet, newest first. */
export const noticesQuery = (server: Server) =>
	queryOptions({
		queryKey: ["notices"],
		queryFn: ({ signal }) => server.list<Notice>("notices", signal),
		refetchInterval: 60_000,
	});

/** Says that a notice was seen. */
export const seeNotice = (server: Server, id: string) =>
	server.send<void>("POST", path`notices/${id}/seen`);

/** Who was in the room of a session, by point. */
export const attendanceQuery = (server: Server, code: string) =>
	queryOptions({
		queryKey: ["session", code, "attendance"],
		queryFn: ({ signal }) =>
			server.list<Attendee>(path`sessions/${code}/attendance`, signal),
	});

/** The joining links of a session, also those that hold no longer. */
export const linksQuery = (server: Server, code: string) =>
	queryOptions({
		queryKey: ["session", code, "links"],
		queryFn: ({ signal }) =>
			server.list<LinkSummary>(path`sessions/${code}/links`, signal),
		refetchInterval: 30_000,
	});

/** Makes a joining link; its address is in the answer and is never told again. */
export const createLink = (server: Server, code: string, link: LinkRequest) =>
	server.send<Link>("POST", path`sessions/${code}/links`, link);

/** Takes a joining link back. */
export const revokeLink = (server: Server, id: string) =>
	server.send<void>("DELETE", path`links/${id}`);

/** The points that can be invited. */
export const bridgePointsQuery = (server: Server) =>
	queryOptions({
		queryKey: ["bridge-points"],
		queryFn: ({ signal }) => server.list<PointRef>("bridge-points", signal),
		staleTime: 5 * 60_000,
	});
