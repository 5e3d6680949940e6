import { queryOptions } from "@tanstack/react-query";
import type { RecoveryCodes } from "@/protocol/generated/RecoveryCodes";
import type { SecondFactor } from "@/protocol/generated/SecondFactor";
import type { SecondFactorSecret } from "@/protocol/generated/SecondFactorSecret";
import type { Server } from "@/session";

/** How one's own second factor stands. */
export const secondFactorQuery = (server: Server) =>
	queryOptions({
		queryKey: ["account", "second-factor"],
		queryFn: ({ signal }) =>
			server.send<SecondFactor>(
				"GET",
				"account/second-factor",
				undefined,
				signal,
			),
	});

/** Makes a secret for an application; the one that works goes on working until a code of this one was accepted. */
export const newSecret = async (server: Server, password?: string) => {
	const { secret } = await server.send<SecondFactorSecret>(
		"POST",
		"account/second-factor/secret",
		{ password },
	);
	return secret;
};

/** Turns the second factor on by the first code of the new secret; the recovery codes are told this once. */
export const confirmSecret = async (server: Server, code: string) => {
	const { codes } = await server.send<RecoveryCodes>(
		"POST",
		"account/second-factor/confirm",
		{ code },
	);
	return codes;
};

/** Makes new recovery codes, which takes a code of the application; they are told this once. */
export const newRecoveryCodes = async (server: Server, code: string) => {
	const { codes } = await server.send<RecoveryCodes>(
		"POST",
		"account/second-factor/recovery-codes",
		{ code },
	);
	return codes;
};

/** Turns the second factor off. */
export const turnOff = (
	server: Server,
	password: string | undefined,
	code: string,
) => server.send<void>("POST", "account/second-factor/off", { password, code });
