import { queryOptions } from "@tanstack/react-query";
import type { Me } from "@/protocol/generated/Me";
import type { Server } from "./server";

/** Who the cookie belongs to; `null` when nobody is signed in. */
export const meQuery = (server: Server) =>
	queryOptions({
		queryKey: ["me"],
		queryFn: ({ signal }) =>
			server.send<Me | null>("GET", "me", undefined, signal),
		staleTime: 5 * 60_000,
	});

/** Ends the sign-in of this browser. */
export const signOut = (server: Server) =>
	server.send<void>("POST", "sign-out");
