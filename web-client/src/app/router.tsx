import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { accessRoutes } from "@/office/access/routes";
import { accountRoutes } from "@/office/accounts/routes";
import { monitorRoutes } from "@/office/monitor/routes";
import { orgRoutes } from "@/office/org/routes";
import { peopleRoutes } from "@/office/people/routes";
import { recordingRoutes } from "@/office/recording/routes";
import { scheduleRoutes } from "@/office/schedule/routes";
import { systemRoutes } from "@/office/system/routes";
import { trainingRoutes } from "@/office/training/routes";
import { roomRoutes } from "@/room/routes";
import { ApiError, meQuery } from "@/session";
import {
	knownRoute,
	type RouterContext,
	rootRoute,
	shellRoute,
} from "@/session/routes";
import { ErrorPage } from "./ErrorPage";
import { NotFound } from "./NotFound";
import { Root } from "./Root";

rootRoute.update({ component: Root });
shellRoute.update({
	component: lazyRouteComponent(() => import("./Shell"), "Shell"),
});

/** Every address of the client. */
const routeTree = rootRoute.addChildren([
	...accessRoutes,
	knownRoute.addChildren([
		...roomRoutes,
		shellRoute.addChildren([
			...scheduleRoutes,
			...trainingRoutes,
			...monitorRoutes,
			...peopleRoutes,
			...accountRoutes,
			...recordingRoutes,
			...systemRoutes,
			...orgRoutes,
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
	// A cookie that ends while a page is open, or ceases to be enough, shows at the next request: back to the sign-in, and then
	// here again.
	const signInAgain = (error: Error) => {
		if (!(error instanceof ApiError)) return;
		const { queryKey } = meQuery(context.server);
		if (error.code === "not_signed_in") {
			context.queryClient.setQueryData(queryKey, null);
		} else if (error.code === "second_factor_owed") {
			// A role that was given meanwhile demands it.
			context.queryClient.removeQueries({ queryKey });
		} else return;
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
