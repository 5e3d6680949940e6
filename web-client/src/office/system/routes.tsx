import {
	createRoute,
	lazyRouteComponent,
	redirect,
} from "@tanstack/react-router";
import { shellRoute } from "@/session/routes";
import { readFilter } from "./log/filter";

const systemRoute = createRoute({
	getParentRoute: () => shellRoute,
	path: "/system",
	beforeLoad: () => {
		throw redirect({ to: "/system/backups" });
	},
});

const backupsRoute = createRoute({
	getParentRoute: () => shellRoute,
	path: "/system/backups",
	component: lazyRouteComponent(() => import("./backups/Backups"), "Backups"),
});

const logRoute = createRoute({
	getParentRoute: () => shellRoute,
	path: "/system/log",
	validateSearch: readFilter,
	component: lazyRouteComponent(() => import("./log/Log"), "Log"),
});

/** The pages of the installation itself. */
export const systemRoutes = [systemRoute, backupsRoute, logRoute] as const;
