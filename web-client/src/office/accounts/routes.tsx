import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { officeWords } from "@/i18n";
import { shellRoute } from "@/session/routes";
import { readFilter } from "./list/filter";

const ownAccountRoute = createRoute({
	getParentRoute: () => shellRoute,
	path: "/account",
	beforeLoad: officeWords,
	component: lazyRouteComponent(() => import("./own"), "OwnAccountPage"),
});

const accountsRoute = createRoute({
	getParentRoute: () => shellRoute,
	path: "/accounts",
	beforeLoad: officeWords,
	validateSearch: readFilter,
	component: lazyRouteComponent(() => import("./list"), "Accounts"),
});

/** One's own account, and those of the people below. */
export const accountRoutes = [ownAccountRoute, accountsRoute] as const;
