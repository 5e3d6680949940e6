import { queryOptions } from "@tanstack/react-query";
import type { FirstAdministrator } from "@/protocol/generated/FirstAdministrator";
import type { FirstDay } from "@/protocol/generated/FirstDay";
import type { LinkPreview } from "@/protocol/generated/LinkPreview";
import type { Me } from "@/protocol/generated/Me";
import type { ProviderAddress } from "@/protocol/generated/ProviderAddress";
import type { ProviderArrival } from "@/protocol/generated/ProviderArrival";
import type { ProviderReturn } from "@/protocol/generated/ProviderReturn";
import type { SecondStep } from "@/protocol/generated/SecondStep";
import type { SecondStepDone } from "@/protocol/generated/SecondStepDone";
import type { SignInProvider } from "@/protocol/generated/SignInProvider";
import type { Server } from "@/session";

/** Gives account and password for a cookie, or for the question for the second factor. */
export const signIn = (server: Server, login: string, password: string) =>
	server.send<Me | SecondStep>("POST", "sign-in", { login, password });

/** Whether nobody is signed in yet, and the second factor is asked for. */
export const isHalfway = (answer: Me | SecondStep): answer is SecondStep =>
	"challenge" in answer;

/** Gives the second factor for a cookie. */
export const takeSecondStep = (
	server: Server,
	challenge: string,
	code: string,
) => server.send<SecondStepDone>("POST", "sign-in/second", { challenge, code });

/** By whom people sign in besides; `null` when by nobody. */
export const providerQuery = (server: Server) =>
	queryOptions({
		queryKey: ["sign-in", "provider"],
		queryFn: ({ signal }) =>
			server.send<SignInProvider | null>(
				"GET",
				"sign-in/provider",
				undefined,
				signal,
			),
	});

/** Leaves for the provider to sign in; afterwards to the page `next`. */
export const leaveToSignIn = (server: Server, next?: string) =>
	server.send<ProviderAddress>("POST", "sign-in/provider", { next });

/** Leaves for the provider to link one's own account, right after a password was chosen. */
export const leaveToLink = (server: Server) =>
	server.send<ProviderAddress>("POST", "account/external", {});

/** Comes back from the provider with what it put into the address. */
export const comeBack = (server: Server, returned: ProviderReturn) =>
	server.send<ProviderArrival>("POST", "sign-in/provider/finish", returned);

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

/** Gives a one-time code, which is spent, and the password that takes its place, for what a password is given for. */
export const signInWithCode = (
	server: Server,
	login: string,
	code: string,
	password: string,
) =>
	server.send<Me | SecondStep>("POST", "sign-in/code", {
		login,
		code,
		password,
	});

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
