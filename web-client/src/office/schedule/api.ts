import { queryOptions } from "@tanstack/react-query";
import type { Attendee } from "@/protocol/generated/Attendee";
import type { Link } from "@/protocol/generated/Link";
import type { LinkRequest } from "@/protocol/generated/LinkRequest";
import type { LinkSummary } from "@/protocol/generated/LinkSummary";
import type { NewSession } from "@/protocol/generated/NewSession";
import type { PointRef } from "@/protocol/generated/PointRef";
import type { Session } from "@/protocol/generated/Session";
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

/** Plans a session. */
export const createSession = (server: Server, session: NewSession) =>
	server.send<Session>("POST", "sessions", session);

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
