import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type { ImportColumns } from "@/protocol/generated/ImportColumns";
import type { ImportRow } from "@/protocol/generated/ImportRow";
import type { Page } from "@/protocol/generated/Page";
import type { PeopleImport } from "@/protocol/generated/PeopleImport";
import type { RowVerdict } from "@/protocol/generated/RowVerdict";
import { path, type Server } from "@/session";

/** One's newest imports. */
export const importsQuery = (server: Server) =>
	queryOptions({
		queryKey: ["people-imports"],
		queryFn: ({ signal }) =>
			server.list<PeopleImport>("people-imports", signal),
	});

/** An import; asked for again and again while it is being written. */
export const importQuery = (server: Server, id: string) =>
	queryOptions({
		queryKey: ["people-import", id],
		queryFn: ({ signal }) =>
			server.send<PeopleImport>(
				"GET",
				path`people-imports/${id}`,
				undefined,
				signal,
			),
		refetchInterval: ({ state }) =>
			state.data?.state === "applying" ? 1_000 : false,
	});

/** The rows of an import that stand in one way, page after page. */
export const rowsQuery = (
	server: Server,
	{ id, state, written }: PeopleImport,
	verdict: RowVerdict,
) =>
	infiniteQueryOptions({
		// While it is being written, its rows are no others than before.
		queryKey: [
			"people-import",
			id,
			"rows",
			verdict,
			state === "applying" ? "applying" : `${state} ${written}`,
		],
		queryFn: ({ signal, pageParam }) =>
			server.send<Page<ImportRow>>(
				"GET",
				path`people-imports/${id}/rows?verdict=${verdict}` +
					(pageParam === null ? "" : path`&cursor=${pageParam}`),
				undefined,
				signal,
			),
		initialPageParam: null as string | null,
		getNextPageParam: ({ next }) => next,
	});

/** Sends a file, which is looked through. */
export const sendFile = (server: Server, file: File) =>
	server.send<PeopleImport>(
		"POST",
		path`people-imports?name=${file.name}`,
		file,
	);

/** Says which column is what. */
export const correctImport = (
	server: Server,
	id: string,
	said: ImportColumns,
) => server.send<PeopleImport>("PUT", path`people-imports/${id}/columns`, said);

/** Has it written, or goes on with that. */
export const applyImport = (server: Server, id: string) =>
	server.send<PeopleImport>("POST", path`people-imports/${id}/apply`);

/** Stops that. */
export const cancelImport = (server: Server, id: string) =>
	server.send<PeopleImport>("POST", path`people-imports/${id}/cancel`);

/** The address of the refused rows with their reasons. */
export const faultsFile = (id: string) =>
	`/api/v1/${path`people-imports/${id}/faults`}`;

/** The address of the template, and of the list of everybody in its form. */
export const templateFile = "/api/v1/people-imports/template";
export const everybodyFile = "/api/v1/people-imports/people";
