import { queryOptions } from "@tanstack/react-query";
import type { FirstAdministrator } from "@/protocol/generated/FirstAdministrator";
import type { FirstDay } from "@/protocol/generated/FirstDay";
import type { LinkPreview } from "@/protocol/generated/LinkPreview";
import type { Me } from "@/protocol/generated/Me";
import type { Server } from "@/session";

/** Gives account and password for a cookie. */
export const signIn = (server: Server, login: string, password: string) =>
	server.send<Me>("POST", "sign-in", { login, password });

/** Whether nobody has an account yet, and the first administrator is still to be made. */
export const firstDayQuery = (server: Server) =>
	queryOptions({
		queryKey: ["first-day"],
		queryFn: ({ signal }) =>
			server.send<FirstDay>("GET", "first-day", undefined, signal),
	});

/** Makes the first administrator, and signs them in. */
export const beginFirstDay = (server: Server, first: FirstAdministrator) =>
	server.send<Me>("POST", "first-day", first);

/** Gives a one-time code, which is spent, and the password that takes its place, for a cookie. */
export const signInWithCode = (
	server: Server,
	login: string,
	code: string,
	password: string,
) => server.send<Me>("POST", "sign-in/code", { login, code, password });

/** Where a joining link leads; nothing is spent. */
export const linkPreviewQuery = (server: Server, secret: string) =>
	queryOptions({
		queryKey: ["link", secret],
		queryFn: ({ signal }) =>
			server.send<LinkPreview>("POST", "links/preview", { secret }, signal),
		refetchInterval: 30_000,
	});

/** Exchanges the secret of a joining link for a cookie; `name` is for guests. */
export const exchangeLink = (server: Server, secret: string, name?: string) =>
	server.send<Me>("POST", "links/exchange", { secret, name });
