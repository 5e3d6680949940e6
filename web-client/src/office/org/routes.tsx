import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { officeWords } from "@/i18n";
import { shellRoute } from "@/session/routes";
import { readView } from "./units/view";

const unitsRoute = createRoute({
	getParentRoute: () => shellRoute,
	path: "/units",
	beforeLoad: officeWords,
	validateSearch: readView,
	component: lazyRouteComponent(() => import("./units/Units"), "Units"),
});

const decisionsRoute = createRoute({
	getParentRoute: () => shellRoute,
	path: "/units/decisions",
	beforeLoad: officeWords,
	component: lazyRouteComponent(
		() => import("./decision/Decisions"),
		"Decisions",
	),
});

const importRoute = createRoute({
	getParentRoute: () => shellRoute,
	path: "/units/import",
	beforeLoad: officeWords,
	component: lazyRouteComponent(() => import("./import/Import"), "Import"),
});

const pointsRoute = createRoute({
	getParentRoute: () => shellRoute,
	path: "/points",
	beforeLoad: officeWords,
	component: lazyRouteComponent(() => import("./points/Points"), "Points"),
});

/** The pages of the organisation. */
export const orgRoutes = [
	unitsRoute,
	decisionsRoute,
	importRoute,
	pointsRoute,
] as const;
