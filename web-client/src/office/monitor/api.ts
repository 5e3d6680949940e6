import { queryOptions } from "@tanstack/react-query";
import type { PointHistory } from "@/protocol/generated/PointHistory";
import { path, type Server } from "@/session";

/** How often a history asks for what was measured since, in milliseconds: each of its steps lasts 10 s or longer. */
const historyMs = 10_000;

/** How a point did in the last `hours`, asked again as measurements come in. */
export const pointHistoryQuery = (
	server: Server,
	code: string,
	hours: number,
) =>
	queryOptions({
		queryKey: ["bridge-points", code, "history", hours],
		queryFn: ({ signal }) => {
			const toUs = server.nowUs();
			const fromUs = toUs - hours * 3_600_000_000;
			return server.send<PointHistory>(
				"GET",
				path`bridge-points/${code}/history?from=${fromUs}&to=${toUs}`,
				undefined,
				signal,
			);
		},
		// Of 24 hours a step is two minutes, of 30 days an hour.
		refetchInterval: Math.max(historyMs, hours * 2_500),
	});
