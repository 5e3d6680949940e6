import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/session/routes";

const replayRoute = createRoute({
	getParentRoute: () => shellRoute,
	path: "/recordings/$id",
	component: lazyRouteComponent(() => import("./Replay"), "Replay"),
});

/** The replay. */
export const recordingRoutes = [replayRoute] as const;
