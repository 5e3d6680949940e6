import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/session/routes";

const monitorRoute = createRoute({
	getParentRoute: () => shellRoute,
	path: "/monitor",
	component: lazyRouteComponent(() => import("./Monitor"), "Monitor"),
});

/** The board of points. */
export const monitorRoutes = [monitorRoute] as const;
