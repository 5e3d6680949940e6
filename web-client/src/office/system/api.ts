import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type { ApiKey } from "@/protocol/generated/ApiKey";
import type { AuditAction } from "@/protocol/generated/AuditAction";
import type { AuditChain } from "@/protocol/generated/AuditChain";
import type { AuditLine } from "@/protocol/generated/AuditLine";
import type { Backups } from "@/protocol/generated/Backups";
import type { Guide } from "@/protocol/generated/Guide";
import type { GuideChange } from "@/protocol/generated/GuideChange";
import type { MadeApiKey } from "@/protocol/generated/MadeApiKey";
import type { NewApiKey } from "@/protocol/generated/NewApiKey";
import type { Page } from "@/protocol/generated/Page";
import type { PointRef } from "@/protocol/generated/PointRef";
import type { Session } from "@/protocol/generated/Session";
import type { Settings } from "@/protocol/generated/Settings";
import type { SettingWrite } from "@/protocol/generated/SettingWrite";
import type { UnitRef } from "@/protocol/generated/UnitRef";
import { path, type Server } from "@/session";
import type { LogFilter } from "./log/filter";

/** The filter as the server is asked it. */
function query(filter: LogFilter, more: Record<string, string> = {}): string {
	const asked = new URLSearchParams({ ...filter, ...more }).toString();
	return asked === "" ? "" : `?${asked}`;
}

/** The lines of the log, newest first, page by page. */
export const logQuery = (server: Server, filter: LogFilter) =>
	infiniteQueryOptions({
		queryKey: ["audit-log", filter],
		queryFn: ({ signal, pageParam }) =>
			server.send<Page<AuditLine>>(
				"GET",
				`audit-log${query(filter, pageParam === null ? {} : { cursor: pageParam })}`,
				undefined,
				signal,
			),
		initialPageParam: null as string | null,
		getNextPageParam: ({ next }) => next,
	});

/** What the actions of the log are called; they change with the server alone. */
export const actionsQuery = (server: Server) =>
	queryOptions({
		queryKey: ["audit-log", "actions"],
		queryFn: ({ signal }) =>
			server.list<AuditAction>(path`audit-log/actions`, signal),
		staleTime: Number.POSITIVE_INFINITY,
	});

/** Has every line of the log checked. */
export const checkChain = (server: Server) =>
	server.send<AuditChain>("POST", "audit-log/check");

/** Where the lines that are shown, and all older ones like them, are had as a file. */
export const logFile = (filter: LogFilter, language: string): string =>
	`/api/v1/audit-log/file${query(filter, { lang: language === "en" ? "en" : "vi" })}`;

/** How copies of everything do; asked again, and often while one is being made. */
export const backupsQuery = (server: Server) =>
	queryOptions({
		queryKey: ["backups"],
		queryFn: ({ signal }) =>
			server.send<Backups>("GET", "backups", undefined, signal),
		refetchInterval: ({ state }) =>
			typeof state.data?.percent === "number" ? 2_000 : 60_000,
	});

/** The keys of other systems at the units that one administers, the newest first, page by page. */
export const keysQuery = (server: Server) =>
	infiniteQueryOptions({
		queryKey: ["api-keys"],
		queryFn: ({ signal, pageParam }) =>
			server.send<Page<ApiKey>>(
				"GET",
				pageParam === null ? "api-keys" : path`api-keys?cursor=${pageParam}`,
				undefined,
				signal,
			),
		initialPageParam: null as string | null,
		getNextPageParam: ({ next }) => next,
	});

/** The units for which one may make a key, by name. */
export const keyUnitsQuery = (server: Server) =>
	queryOptions({
		queryKey: ["people", "units"],
		queryFn: ({ signal }) => server.list<UnitRef>("people/units", signal),
		staleTime: 5 * 60_000,
	});

/** Makes a key; its secret is in the answer and nowhere else. */
export const makeKey = (server: Server, key: NewApiKey) =>
	server.send<MadeApiKey>("POST", "api-keys", key);

/** Takes a key back. */
export const revokeKey = (server: Server, id: string) =>
	server.send<void>("DELETE", path`api-keys/${id}`);

/** Asks for a copy now. */
export const makeBackup = (server: Server) =>
	server.send<void>("POST", "backups");

/** Every setting, with bounds, default and last change. */
export const settingsQuery = (server: Server) =>
	queryOptions({
		queryKey: ["settings"],
		queryFn: ({ signal }) =>
			server.send<Settings>("GET", "settings", undefined, signal),
	});

/** Changes settings, all or none. */
export const changeSettings = (
	server: Server,
	changes: SettingWrite[],
	etag: string,
) => server.send<Settings>("PUT", "settings", { changes }, undefined, etag);

/** Puts a picture in place of the department's mark; none is that of the product. */
export const putEmblem = (
	server: Server,
	picture: Blob | null,
	etag: string,
) =>
	picture === null
		? server.send<Settings>(
				"DELETE",
				"settings/emblem",
				undefined,
				undefined,
				etag,
			)
		: server.send<Settings>("PUT", "settings/emblem", picture, undefined, etag);

/** Goes on without steps of the guide, closes it, or opens it again. */
export const decideGuide = (server: Server, change: GuideChange) =>
	server.send<Guide>("PUT", "guide", change);

const minuteUs = 60_000_000;

/** How long a call to try things out lasts. */
const trialUs = 30 * minuteUs;

/** Plans a session that begins at once and invites the first two points, to try them out. */
export async function tryCall(server: Server, title: string): Promise<Session> {
	const points = await server.list<PointRef>("bridge-points");
	const now = server.nowUs();
	return server.send<Session>("POST", "sessions", {
		title,
		kind: "meeting",
		secrecy: "normal",
		starts_at_us: now,
		ends_at_us: now + trialUs,
		auto_record: false,
		bridge_points: points.slice(0, 2).map(({ code }) => code),
	});
}
