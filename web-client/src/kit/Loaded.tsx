import type { ReactNode } from "react";
import { useErrorWords } from "./errorWords";
import { Failure, Loading } from "./Notice";

/** A question to the server, as far as it is answered; a query of TanStack is one. */
export interface Asked<T> {
	/** The last answer. */
	data: T | undefined;
	/** Why there is none, or none newer; `null` when all is well. */
	error: unknown;
	/** Whether there is neither yet. */
	isPending: boolean;
	refetch: () => unknown;
}

/**
 * The guard around a part of a page that shows an answer of the server: what loads, or why it could not be had, or the part.
 * While the server is silent the last answer stays in sight (the frame of the page says how old it is), but a "no" takes it away.
 */
export function Loaded<T>({
	query,
	what,
	rows,
	keep = false,
	frame = (waiting) => waiting,
	wayOut,
	children,
}: {
	query: Asked<T>;
	/** What is missing, as the object of "Chưa tải được …". */
	what: string;
	/** How many lines it will have, about. */
	rows?: number;
	/** Whether the part stays in sight even when the server says no. */
	keep?: boolean;
	/** What stands around the waiting, where the part brings a frame of its own. */
	frame?: (waiting: ReactNode) => ReactNode;
	/** Where else to go, when asking again changes nothing and nothing else is on the page. */
	wayOut?: ReactNode;
	/** The part, given the answer. */
	children: (data: T) => ReactNode;
}) {
	const shown = useShown();
	const data = keep ? query.data : shown(query);
	if (data !== undefined) return children(data);
	return frame(
		query.isPending ? (
			<Loading what={what} rows={rows} />
		) : (
			<Failure
				what={what}
				error={query.error}
				onRetry={() => void query.refetch()}
				wayOut={wayOut}
			/>
		),
	);
}

/** What of an answer [`Loaded`] shows, for what stands outside of it; `undefined` while it shows none. */
export function useShown(): <T>(query: Asked<T>) => T | undefined {
	const words = useErrorWords();
	return ({ data, error }) =>
		error !== null && words(error).final ? undefined : data;
}
