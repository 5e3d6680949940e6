import { createContext, useContext } from "react";

/** What there is to say of an error. */
export interface ErrorWords {
	/** What happened, then what to do. */
	sentence: string;
	/** What a technician can search for. */
	code: string;
	/** Whether asking again is in vain: a right is missing, or a thing is not there. */
	final: boolean;
}

/** Puts an error into words. */
export type SayError = (error: unknown) => ErrorWords;

const ErrorWordsContext = createContext<SayError | null>(null);

/** Gives everything below the words for its errors, which the kit does not know. */
export const ErrorWordsProvider = ErrorWordsContext.Provider;

/** The words given by the nearest [`ErrorWordsProvider`]. */
export function useErrorWords(): SayError {
	const words = useContext(ErrorWordsContext);
	if (words === null) {
		throw new Error("useErrorWords needs an ErrorWordsProvider above it");
	}
	return words;
}
