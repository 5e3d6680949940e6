import { createContext, useContext, useSyncExternalStore } from "react";
import type { Reached } from "./reach";
import type { Server } from "./server";

const ServerContext = createContext<Server | null>(null);

/** Gives the server to everything below. */
export const ServerProvider = ServerContext.Provider;

/** The server given by the nearest [`ServerProvider`]. */
export function useServer(): Server {
	const server = useContext(ServerContext);
	if (server === null) {
		throw new Error("useServer needs a ServerProvider above it");
	}
	return server;
}

/** Whether the server answers this device. */
export function useReach(): Reached {
	const { reach } = useServer();
	return useSyncExternalStore(reach.subscribe, reach.current);
}
