import { queryOptions } from "@tanstack/react-query";
import type { Erasure } from "@/protocol/generated/Erasure";
import type { ErasurePreview } from "@/protocol/generated/ErasurePreview";
import { path, type Server } from "@/session";

/** The address of everything that is kept about somebody, as a file. */
export const personalDataFile = (id: string) =>
	`/api/v1/${path`people/${id}/personal-data`}`;

/** The address of the report on somebody who was erased, as a table. */
export const reportFile = (id: string) =>
	`/api/v1/${path`people/${id}/erasure/file`}`;

/** What deleting somebody's data would do. Never taken from an earlier look. */
export const previewQuery = (server: Server, id: string) =>
	queryOptions({
		queryKey: ["erasure-preview", id],
		queryFn: ({ signal }) =>
			server.send<ErasurePreview>(
				"GET",
				path`people/${id}/erasure/preview`,
				undefined,
				signal,
			),
		staleTime: 0,
		gcTime: 0,
	});

/** The report on somebody who was erased; asked again while files are still being done. */
export const erasureQuery = (server: Server, id: string) =>
	queryOptions({
		queryKey: ["erasure", id],
		queryFn: ({ signal }) =>
			server.send<Erasure>(
				"GET",
				path`people/${id}/erasure`,
				undefined,
				signal,
			),
		refetchInterval: ({ state }) =>
			state.data?.finished_at_us === null ? 5_000 : false,
	});

/** Deletes what makes somebody known; `typed` confirms it. */
export const erasePerson = (server: Server, id: string, typed: string) =>
	server.send<Erasure>("POST", path`people/${id}/erasure`, { typed });
