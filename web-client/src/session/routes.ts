import type { QueryClient } from "@tanstack/react-query";
import {
	createRootRouteWithContext,
	createRoute,
	redirect,
} from "@tanstack/react-router";
import { meQuery } from "./api";
import type { Server } from "./server";

/** What every route may use before it renders. */
export interface RouterContext {
	server: Server;
	queryClient: QueryClient;
}

/** Above everything; what it looks like is the app's. */
export const rootRoute = createRootRouteWithContext<RouterContext>()();

/** Who is here; `null` when nobody is signed in. */
export const whoIsHere = ({ server, queryClient }: RouterContext) =>
	queryClient.ensureQueryData(meQuery(server));

/** Everything below needs somebody who is known; others sign in first and come back. */
export const knownRoute = createRoute({
	getParentRoute: () => rootRoute,
	id: "known",
	beforeLoad: async ({ context, location }) => {
		const me = await whoIsHere(context);
		if (me === null) {
			throw redirect({ to: "/sign-in", search: { next: location.href } });
		}
		if (me.owes_second_factor) {
			throw redirect({ to: "/second-factor", search: { next: location.href } });
		}
		return { me };
	},
});

/** The pages with the header; what it looks like is the app's. */
export const shellRoute = createRoute({
	getParentRoute: () => knownRoute,
	id: "shell",
});

declare module "@tanstack/react-router" {
	interface StaticDataRouteOption {
		/** The live room is dark, all else light. */
		scheme?: "dark";
	}
}
