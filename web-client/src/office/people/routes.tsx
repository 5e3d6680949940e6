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

const importsRoute = createRoute({
	getParentRoute: () => shellRoute,
	path: "/people/imports",
	component: lazyRouteComponent(() => import("./pages"), "Imports"),
});

const importRoute = createRoute({
	getParentRoute: () => shellRoute,
	path: "/people/imports/$import",
	component: lazyRouteComponent(() => import("./pages"), "ImportPage"),
});

/** The pages of people. */
export const peopleRoutes = [
	peopleRoute,
	newPersonRoute,
	importsRoute,
	importRoute,
	personRoute,
] as const;
