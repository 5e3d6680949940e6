import { createContext, useContext } from "react";
import type { Api } from "./api";

const ApiContext = createContext<Api | null>(null);

/** Gives the interface to everything below. */
export const ApiProvider = ApiContext.Provider;

/** The interface given by the nearest [`ApiProvider`]. */
export function useApi(): Api {
	const api = useContext(ApiContext);
	if (api === null) throw new Error("useApi needs an ApiProvider above it");
	return api;
}
