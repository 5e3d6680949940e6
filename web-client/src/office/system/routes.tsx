import {
	createRoute,
	lazyRouteComponent,
	redirect,
} from "@tanstack/react-router";
import { officeWords } from "@/i18n";
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
	beforeLoad: officeWords,
	component: lazyRouteComponent(() => import("./backups/Backups"), "Backups"),
});

const logRoute = createRoute({
	getParentRoute: () => shellRoute,
	path: "/system/log",
	beforeLoad: officeWords,
	validateSearch: readFilter,
	component: lazyRouteComponent(() => import("./log/Log"), "Log"),
});

/** The pages of the installation itself. */
export const systemRoutes = [systemRoute, backupsRoute, logRoute] as const;
