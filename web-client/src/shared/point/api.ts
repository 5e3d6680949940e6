import { queryOptions } from "@tanstack/react-query";
import type { PointStatus } from "@/protocol/generated/PointStatus";
import type { Server } from "@/session";

/** How often the board asks again, in milliseconds: whoever watches it must see within seconds that nothing comes. */
const boardMs = 5_000;

/** How every point does at present. */
export const pointStatusQuery = (server: Server) =>
	queryOptions({
		queryKey: ["bridge-points", "status"],
		queryFn: ({ signal }) =>
			server.list<PointStatus>("bridge-points/status", signal),
		refetchInterval: boardMs,
	});
