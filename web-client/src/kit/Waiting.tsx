import type { UseQueryResult } from "@tanstack/react-query";
import { isFinal } from "./final";
import { Failure, Loading } from "./Notice";

/**
 * What a query has brought, for as long as it may be shown: while the server is silent it stays in sight (the frame says
 * how old it is), but a "no" takes it away. `undefined` is shown as [`Waiting`].
 */
export const dataOf = <T,>(query: UseQueryResult<T>): T | undefined =>
	isFinal(query.error) ? undefined : query.data;

/** In place of what a query has not brought: what loads, or why it could not be had. */
export function Waiting({
	query,
	what,
	rows,
}: {
	query: Pick<UseQueryResult, "isPending" | "error" | "refetch">;
	/** What is missing, as the object of "Chưa tải được …". */
	what: string;
	/** How many lines it will have, about. */
	rows?: number;
}) {
	return query.isPending ? (
		<Loading what={what} {...(rows !== undefined && { rows })} />
	) : (
		<Failure
			what={what}
			error={query.error}
			onRetry={() => void query.refetch()}
		/>
	);
}
