import {
	infiniteQueryOptions,
	keepPreviousData,
	queryOptions,
} from "@tanstack/react-query";
import type { AccountDetail } from "@/protocol/generated/AccountDetail";
import type { AccountPage } from "@/protocol/generated/AccountPage";
import type { Administration } from "@/protocol/generated/Administration";
import type { ExternalIdentities } from "@/protocol/generated/ExternalIdentities";
import type { NewRole } from "@/protocol/generated/NewRole";
import type { OwnAccount } from "@/protocol/generated/OwnAccount";
import type { Page } from "@/protocol/generated/Page";
import type { ProviderAddress } from "@/protocol/generated/ProviderAddress";
import type { Slip } from "@/protocol/generated/Slip";
import { path, type Server } from "@/session";
import type { AccountFilter } from "./list/filter";

/** What is known of one's own account, and where it is signed in. */
export const ownAccountQuery = (server: Server) =>
	queryOptions({
		queryKey: ["account"],
		queryFn: ({ signal }) =>
			server.send<OwnAccount>("GET", "account", undefined, signal),
	});

/** Changes one's own password, which takes the present one; other sign-ins end. */
export const changePassword = (
	server: Server,
	present: string,
	wanted: string,
) => server.send<void>("POST", "account/password", { present, wanted });

/** Signs out in one other browser. */
export const endSignIn = (server: Server, id: string) =>
	server.send<void>("DELETE", path`account/sign-ins/${id}`);

/** Signs out everywhere but here. */
export const endOtherSignIns = (server: Server) =>
	server.send<void>("DELETE", "account/sign-ins");

/** What one's own account is linked with. */
export const externalQuery = (server: Server) =>
	queryOptions({
		queryKey: ["own-account", "external"],
		queryFn: ({ signal }) =>
			server.send<ExternalIdentities>(
				"GET",
				"account/external",
				undefined,
				signal,
			),
	});

/** Leaves for the provider, to link one's own account. */
export const leaveToLink = (server: Server, password: string | null) =>
	server.send<ProviderAddress>("POST", "account/external", { password });

/** Takes the links of one's own account away. */
export const unlinkOwn = (server: Server, password: string | null) =>
	server.send<void>("POST", "account/external/unlink", { password });

/** Takes the links of somebody's account away. */
export const unlinkAccount = (server: Server, id: string) =>
	server.send<void>("DELETE", path`accounts/${id}/external`);

/** The people below with their accounts, a page after the other. */
export const accountsQuery = (server: Server, filter: AccountFilter) =>
	infiniteQueryOptions({
		queryKey: ["accounts", filter],
		queryFn: ({ pageParam, signal }) => {
			const asked = new URLSearchParams();
			for (const [name, value] of Object.entries({
				...filter,
				cursor: pageParam,
			})) {
				if (value) asked.set(name, value);
			}
			return server.send<AccountPage>(
				"GET",
				`accounts?${asked}`,
				undefined,
				signal,
			);
		},
		initialPageParam: null as string | null,
		getNextPageParam: ({ next }) => next,
		placeholderData: keepPreviousData,
	});

/** Over which units one administers, and which roles one may give. */
export const administrationQuery = (server: Server) =>
	queryOptions({
		queryKey: ["accounts", "administration"],
		queryFn: ({ signal }) =>
			server.send<Administration>(
				"GET",
				"accounts/administration",
				undefined,
				signal,
			),
		staleTime: 60_000,
	});

/** An account, with its roles as they can be ended. */
export const accountQuery = (server: Server, id: string) =>
	queryOptions({
		queryKey: ["accounts", "one", id],
		queryFn: ({ signal }) =>
			server.send<AccountDetail>(
				"GET",
				path`accounts/${id}`,
				undefined,
				signal,
			),
	});

/** Gives people one-time codes, which are told this once. */
export const giveCodes = async (
	server: Server,
	people: string[],
	reset: boolean,
) => {
	const { items } = await server.send<Page<Slip>>("POST", "accounts/codes", {
		people,
		reset,
	});
	return items;
};

/** Invites people by mail; what became of each letter stands in the list. */
export const sendInvitations = (
	server: Server,
	people: string[],
	reset: boolean,
) => server.send<void>("POST", "accounts/invitations", { people, reset });

/** Disables an account, or enables it again. */
export const switchAccount = (
	server: Server,
	id: string,
	to: "disable" | "enable",
) => server.send<void>("POST", path`accounts/${id}/${to}`);

/** Takes the second factor of an account away. */
export const removeSecondFactor = (server: Server, id: string) =>
	server.send<void>("DELETE", path`accounts/${id}/second-factor`);

/** Gives an account a role. */
export const grantRole = (server: Server, id: string, role: NewRole) =>
	server.send<void>("POST", path`accounts/${id}/roles`, role);

/** Ends a role at once. */
export const endRole = (server: Server, id: string, role: string) =>
	server.send<void>("DELETE", path`accounts/${id}/roles/${role}`);
