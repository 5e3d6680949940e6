import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type { AuditAction } from "@/protocol/generated/AuditAction";
import type { AuditChain } from "@/protocol/generated/AuditChain";
import type { AuditLine } from "@/protocol/generated/AuditLine";
import type { Backups } from "@/protocol/generated/Backups";
import type { Page } from "@/protocol/generated/Page";
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

/** Asks for a copy now. */
export const makeBackup = (server: Server) =>
	server.send<void>("POST", "backups");
