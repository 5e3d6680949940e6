import { createRoute, useParams } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { knownRoute } from "@/session/routes";

/** The room is the largest part of the client and comes only when somebody goes there. */
const Join = lazy(() => import("./features/join"));

/** The device check and the live room of one session. */
function Room() {
	const { code } = useParams({ from: "/known/s/$code/room" });
	return (
		<Suspense>
			<Join key={code} code={code} />
		</Suspense>
	);
}

const roomRoute = createRoute({
	getParentRoute: () => knownRoute,
	path: "/s/$code/room",
	staticData: { scheme: "dark" },
	component: Room,
});

/** The live room, which has no header. */
export const roomRoutes = [roomRoute] as const;
