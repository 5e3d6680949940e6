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
		throw redirect({ to: "/system/settings" });
	},
});

const settingsRoute = createRoute({
	getParentRoute: () => shellRoute,
	path: "/system/settings",
	beforeLoad: officeWords,
	component: lazyRouteComponent(
		() => import("./settings/Settings"),
		"Settings",
	),
});

const guideRoute = createRoute({
	getParentRoute: () => shellRoute,
	path: "/guide",
	beforeLoad: officeWords,
	component: lazyRouteComponent(() => import("./guide/Guide"), "Guide"),
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

const keysRoute = createRoute({
	getParentRoute: () => shellRoute,
	path: "/system/keys",
	beforeLoad: officeWords,
	component: lazyRouteComponent(() => import("./keys/Keys"), "Keys"),
});

/** The pages of the installation itself. */
export const systemRoutes = [
	systemRoute,
	settingsRoute,
	guideRoute,
	backupsRoute,
	logRoute,
	keysRoute,
] as const;
