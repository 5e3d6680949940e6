import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import {
	createRootRouteWithContext,
	createRoute,
	createRouter,
	lazyRouteComponent,
	redirect,
} from "@tanstack/react-router";
import { RoomRoute } from "@/room/RoomRoute";
import { type Api, ApiError, meQuery } from "@/session";
import { ErrorPage } from "./ErrorPage";
import { NotFound } from "./NotFound";
import { Root } from "./Root";

/** What every route may use before it renders. */
export interface RouterContext {
	api: Api;
	queryClient: QueryClient;
}

const rootRoute = createRootRouteWithContext<RouterContext>()({
	component: Root,
});

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
	component: lazyRouteComponent(
		() => import("@/office/access/sign-in"),
		"SignIn",
	),
});

const linkRoute = createRoute({
	getParentRoute: () => rootRoute,
	path: "/j/$secret",
	component: lazyRouteComponent(
		() => import("@/office/access/joining-link"),
		"JoiningLink",
	),
});

/** Everything below needs somebody who is known; others sign in first and come back. */
const knownRoute = createRoute({
	getParentRoute: () => rootRoute,
	id: "known",
	beforeLoad: async ({ context, location }) => {
		const me = await context.queryClient.ensureQueryData(meQuery(context.api));
		if (me === null) {
			throw redirect({ to: "/sign-in", search: { next: location.href } });
		}
		return { me };
	},
});

const roomRoute = createRoute({
	getParentRoute: () => knownRoute,
	path: "/s/$code/room",
	staticData: { scheme: "dark" },
	component: RoomRoute,
});

/** The pages with the header. */
const shellRoute = createRoute({
	getParentRoute: () => knownRoute,
	id: "shell",
	component: lazyRouteComponent(() => import("./Shell"), "Shell"),
});

const homeRoute = createRoute({
	getParentRoute: () => shellRoute,
	path: "/",
	beforeLoad: ({ context }) => {
		// Whoever came by a link has one session and no list of others.
		if (context.me.link_session !== null) {
			throw redirect({
				to: "/s/$code",
				params: { code: context.me.link_session },
			});
		}
	},
	component: lazyRouteComponent(() => import("@/office/schedule/home"), "Home"),
});

const newSessionRoute = createRoute({
	getParentRoute: () => shellRoute,
	path: "/sessions/new",
	component: lazyRouteComponent(
		() => import("@/office/schedule/new-session"),
		"NewSession",
	),
});

const sessionRoute = createRoute({
	getParentRoute: () => shellRoute,
	path: "/s/$code",
	component: lazyRouteComponent(
		() => import("@/office/schedule/session"),
		"SessionPage",
	),
});

const classesRoute = createRoute({
	getParentRoute: () => shellRoute,
	path: "/classes",
	component: lazyRouteComponent(() => import("@/office/training"), "Classes"),
});

const classRoute = createRoute({
	getParentRoute: () => shellRoute,
	path: "/classes/$code",
	component: lazyRouteComponent(() => import("@/office/training"), "ClassPage"),
});

const monitorRoute = createRoute({
	getParentRoute: () => shellRoute,
	path: "/monitor",
	component: lazyRouteComponent(() => import("@/office/monitor"), "Monitor"),
});

const recordingRoute = createRoute({
	getParentRoute: () => shellRoute,
	path: "/recordings/$id",
	component: lazyRouteComponent(() => import("@/office/recording"), "Replay"),
});

const routeTree = rootRoute.addChildren([
	signInRoute,
	linkRoute,
	knownRoute.addChildren([
		roomRoute,
		shellRoute.addChildren([
			homeRoute,
			newSessionRoute,
			sessionRoute,
			classesRoute,
			classRoute,
			monitorRoute,
			recordingRoute,
		]),
	]),
]);

/** Builds the router; tests give it a memory history. */
export function createAppRouter(
	context: RouterContext,
	history?: Parameters<typeof createRouter>[0]["history"],
) {
	const router = createRouter({
		routeTree,
		context,
		history,
		defaultPreload: "intent",
		scrollRestoration: true,
		defaultErrorComponent: ErrorPage,
		defaultNotFoundComponent: NotFound,
	});
	// A cookie that ends while a page is open shows at the next request: back to the sign-in, and then here again.
	const signInAgain = (error: Error) => {
		if (!(error instanceof ApiError) || error.code !== "not_signed_in") return;
		context.queryClient.setQueryData(meQuery(context.api).queryKey, null);
		void router.invalidate();
	};
	context.queryClient.getQueryCache().config.onError = signInAgain;
	context.queryClient.getMutationCache().config.onError = signInAgain;
	return router;
}

/** The router of this app, with its routes in the type. */
export type AppRouter = ReturnType<typeof createAppRouter>;

declare module "@tanstack/react-router" {
	interface Register {
		router: AppRouter;
	}
	interface StaticDataRouteOption {
		/** The live room is dark, all else light. */
		scheme?: "dark";
	}
}

/** A cache that asks again after a lost connection, but not after the server has said no. */
export function createQueryClient(): QueryClient {
	return new QueryClient({
		queryCache: new QueryCache(),
		mutationCache: new MutationCache(),
		defaultOptions: {
			// The browser's idea of being online is not asked: it says so of a cable that leads nowhere, too.
			mutations: { networkMode: "always" },
			queries: {
				networkMode: "always",
				staleTime: 5_000,
				retry: (failures, error) =>
					failures < 2 &&
					error instanceof ApiError &&
					(error.status === 0 || error.status >= 500),
			},
		},
	});
}
