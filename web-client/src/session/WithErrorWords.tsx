import { type ReactNode, useCallback } from "react";
import { ErrorWordsProvider, type SayError } from "@/kit";
import { asApiError } from "./client";
import { useErrorSentence } from "./sentence";

/** Gives the kit the words for what the server says no to, and for what broke in the page. */
export function WithErrorWords({ children }: { children: ReactNode }) {
	const sentence = useErrorSentence();
	const words = useCallback<SayError>(
		(error) => ({
			sentence: sentence(error),
			code: codeOf(error),
			final: isFinal(error),
		}),
		[sentence],
	);
	return <ErrorWordsProvider value={words}>{children}</ErrorWordsProvider>;
}

/** Whether asking again is in vain: a right is missing, or a thing is not there. */
const isFinal = (error: unknown): boolean =>
	[403, 404, 410].includes(asApiError(error)?.status ?? 0);

/** What a technician can search for. */
function codeOf(error: unknown): string {
	const refusal = asApiError(error);
	if (refusal !== null) {
		return refusal.status === 0
			? refusal.code
			: `${refusal.status} ${refusal.code}`;
	}
	// The page itself failed; its own words say more than the name of their class.
	return error instanceof Error ? `page: ${error.message}` : "page";
}
