import {
	createRoute,
	lazyRouteComponent,
	redirect,
} from "@tanstack/react-router";
import { shellRoute } from "@/session/routes";
import { readFilter } from "./home/filter";

const homeRoute = createRoute({
	getParentRoute: () => shellRoute,
	path: "/",
	validateSearch: readFilter,
	beforeLoad: ({ context }) => {
		// Whoever came by a link has one session and no list of others.
		if (context.me.link_session !== null) {
			throw redirect({
				to: "/s/$code",
				params: { code: context.me.link_session },
			});
		}
	},
	component: lazyRouteComponent(() => import("./home"), "Home"),
});

const newSessionRoute = createRoute({
	getParentRoute: () => shellRoute,
	path: "/sessions/new",
	component: lazyRouteComponent(() => import("./new-session"), "NewSession"),
});

const sessionRoute = createRoute({
	getParentRoute: () => shellRoute,
	path: "/s/$code",
	component: lazyRouteComponent(() => import("./session"), "SessionPage"),
});

/** The pages of the plan. */
export const scheduleRoutes = [
	homeRoute,
	newSessionRoute,
	sessionRoute,
] as const;
