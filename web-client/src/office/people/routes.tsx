import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/session/routes";
import { readFilter } from "./filter";

const peopleRoute = createRoute({
	getParentRoute: () => shellRoute,
	path: "/people",
	validateSearch: readFilter,
	component: lazyRouteComponent(() => import("./pages"), "People"),
});

const newPersonRoute = createRoute({
	getParentRoute: () => shellRoute,
	path: "/people/new",
	component: lazyRouteComponent(() => import("./pages"), "NewPerson"),
});

const personRoute = createRoute({
	getParentRoute: () => shellRoute,
	path: "/people/$person",
	component: lazyRouteComponent(() => import("./pages"), "PersonPage"),
});

/** The pages of people. */
export const peopleRoutes = [peopleRoute, newPersonRoute, personRoute] as const;
