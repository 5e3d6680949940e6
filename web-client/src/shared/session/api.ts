import { queryOptions } from "@tanstack/react-query";
import type { Session } from "@/protocol/generated/Session";
import { path, type Server } from "@/session";

/** One session, by its code. */
export const sessionQuery = (server: Server, code: string) =>
	queryOptions({
		queryKey: ["session", code],
		queryFn: ({ signal }) =>
			server.send<Session>("GET", path`sessions/${code}`, undefined, signal),
		refetchInterval: 30_000,
	});
