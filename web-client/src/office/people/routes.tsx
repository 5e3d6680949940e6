import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { officeWords } from "@/i18n";
import { shellRoute } from "@/session/routes";
import { readFilter } from "./filter";

const peopleRoute = createRoute({
	getParentRoute: () => shellRoute,
	path: "/people",
	beforeLoad: officeWords,
	validateSearch: readFilter,
	component: lazyRouteComponent(() => import("./pages"), "People"),
});

const newPersonRoute = createRoute({
	getParentRoute: () => shellRoute,
	path: "/people/new",
	beforeLoad: officeWords,
	component: lazyRouteComponent(() => import("./pages"), "NewPerson"),
});

const personRoute = createRoute({
	getParentRoute: () => shellRoute,
	path: "/people/$person",
	beforeLoad: officeWords,
	component: lazyRouteComponent(() => import("./pages"), "PersonPage"),
});

const eraseRoute = createRoute({
	getParentRoute: () => shellRoute,
	path: "/people/$person/erase",
	beforeLoad: officeWords,
	component: lazyRouteComponent(() => import("./pages"), "ErasePage"),
});

const importsRoute = createRoute({
	getParentRoute: () => shellRoute,
	path: "/people/imports",
	beforeLoad: officeWords,
	component: lazyRouteComponent(() => import("./pages"), "Imports"),
});

const importRoute = createRoute({
	getParentRoute: () => shellRoute,
	path: "/people/imports/$import",
	beforeLoad: officeWords,
	component: lazyRouteComponent(() => import("./pages"), "ImportPage"),
});

/** The pages of people. */
export const peopleRoutes = [
	peopleRoute,
	newPersonRoute,
	importsRoute,
	importRoute,
	eraseRoute,
	personRoute,
] as const;
