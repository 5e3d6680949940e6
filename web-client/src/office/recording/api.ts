import { queryOptions } from "@tanstack/react-query";
import type { Recording } from "@/protocol/generated/Recording";
import { path, type Server } from "@/session";
import { inMotion } from "@/shared/recording/api";

/** One recording, asked again while it is in the making. */
export const recordingQuery = (server: Server, id: string) =>
	queryOptions({
		queryKey: ["recording", id],
		queryFn: ({ signal }) =>
			server.send<Recording>("GET", path`recordings/${id}`, undefined, signal),
		refetchInterval: ({ state }) =>
			state.data && inMotion(state.data.state) ? 3_000 : false,
	});
