import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "@/session/routes";

/** Where to go after signing in: a path of this site, nothing else. */
const readNext = (search: Record<string, unknown>): { next?: string } => ({
	// Set even when refused: what is left out here would pass through unread.
	next:
		typeof search.next === "string" && /^\/(?![/\\])/.test(search.next)
			? search.next
			: undefined,
});

const signInRoute = createRoute({
	getParentRoute: () => rootRoute,
	path: "/sign-in",
	validateSearch: readNext,
	component: lazyRouteComponent(() => import("./sign-in"), "SignIn"),
});

const firstRoute = createRoute({
	getParentRoute: () => rootRoute,
	path: "/first",
	component: lazyRouteComponent(() => import("./first-sign-in"), "FirstSignIn"),
});

const firstDayRoute = createRoute({
	getParentRoute: () => rootRoute,
	path: "/first-day",
	component: lazyRouteComponent(() => import("./first-day"), "FirstDayPage"),
});

const linkRoute = createRoute({
	getParentRoute: () => rootRoute,
	path: "/j/$secret",
	component: lazyRouteComponent(() => import("./joining-link"), "JoiningLink"),
});

/** The ways in, for those who are not known yet. */
export const accessRoutes = [
	signInRoute,
	firstRoute,
	firstDayRoute,
	linkRoute,
] as const;
