import { queryOptions } from "@tanstack/react-query";
import type { Branding } from "@/protocol/generated/Branding";
import type { Guide } from "@/protocol/generated/Guide";
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

/** What the department is called; it changes once in years, and then this page says so itself. */
export const brandingQuery = (server: Server) =>
	queryOptions({
		queryKey: ["branding"],
		queryFn: ({ signal }) =>
			server.send<Branding>("GET", "branding", undefined, signal),
		staleTime: 5 * 60_000,
	});

/** How the first steps of the installation stand; for those who keep it. */
export const guideQuery = (server: Server) =>
	queryOptions({
		queryKey: ["guide"],
		queryFn: ({ signal }) =>
			server.send<Guide>("GET", "guide", undefined, signal),
		staleTime: 30_000,
	});

/** Ends the sign-in of this browser. */
export const signOut = (server: Server) =>
	server.send<void>("POST", "sign-out");
