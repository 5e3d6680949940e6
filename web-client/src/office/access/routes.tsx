import {
	createRoute,
	lazyRouteComponent,
	redirect,
} from "@tanstack/react-router";
import { officeWords } from "@/i18n";
import { rootRoute, whoIsHere } from "@/session/routes";

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

/** What the provider put into the address. The router reads a text of digits as a number. */
const readReturned = (search: Record<string, unknown>) => {
	const text = (name: string) => {
		const value = search[name];
		return typeof value === "string" || typeof value === "number"
			? String(value)
			: undefined;
	};
	return {
		state: text("state"),
		code: text("code"),
		error: text("error"),
		iss: text("iss"),
	};
};

const returnRoute = createRoute({
	getParentRoute: () => rootRoute,
	path: "/sign-in/provider",
	validateSearch: readReturned,
	component: lazyRouteComponent(
		() => import("./provider-return"),
		"ProviderReturn",
	),
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

const owedRoute = createRoute({
	getParentRoute: () => rootRoute,
	path: "/second-factor",
	validateSearch: readNext,
	beforeLoad: async ({ context, search }) => {
		const [me] = await Promise.all([whoIsHere(context), officeWords()]);
		if (me === null) throw redirect({ to: "/sign-in", search });
		if (!me.owes_second_factor) throw redirect({ href: search.next ?? "/" });
		return { me };
	},
	component: lazyRouteComponent(() => import("./owed"), "OwedSecondFactor"),
});

/** The ways in, for those who are not known yet. */
export const accessRoutes = [
	signInRoute,
	returnRoute,
	firstRoute,
	firstDayRoute,
	linkRoute,
	owedRoute,
] as const;
