import { queryOptions } from "@tanstack/react-query";
import type { TrainingClass } from "@/protocol/generated/TrainingClass";
import { path, type Server } from "@/session";

/** All classes that one gives or attends. */
export const classesQuery = (server: Server) =>
	queryOptions({
		queryKey: ["classes"],
		queryFn: ({ signal }) => server.list<TrainingClass>("classes", signal),
	});

/** One class, by its code. */
export const classQuery = (server: Server, code: string) =>
	queryOptions({
		queryKey: ["class", code],
		queryFn: ({ signal }) =>
			server.send<TrainingClass>(
				"GET",
				path`classes/${code}`,
				undefined,
				signal,
			),
		refetchInterval: 30_000,
	});
