import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/session/routes";

const classesRoute = createRoute({
	getParentRoute: () => shellRoute,
	path: "/classes",
	component: lazyRouteComponent(() => import("./pages"), "Classes"),
});

const classRoute = createRoute({
	getParentRoute: () => shellRoute,
	path: "/classes/$code",
	component: lazyRouteComponent(() => import("./pages"), "ClassPage"),
});

/** The pages of training. */
export const trainingRoutes = [classesRoute, classRoute] as const;
