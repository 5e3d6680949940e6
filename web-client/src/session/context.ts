import { createContext, useContext, useSyncExternalStore } from "react";
import type { Api } from "./api";
import type { Reached } from "./reach";

const ApiContext = createContext<Api | null>(null);

/** Gives the interface to everything below. */
export const ApiProvider = ApiContext.Provider;

/** The interface given by the nearest [`ApiProvider`]. */
export function useApi(): Api {
	const api = useContext(ApiContext);
	if (api === null) throw new Error("useApi needs an ApiProvider above it");
	return api;
}

/** Whether the server answers this device. */
export function useReach(): Reached {
	const { reach } = useApi();
	return useSyncExternalStore(reach.subscribe, reach.current);
}
