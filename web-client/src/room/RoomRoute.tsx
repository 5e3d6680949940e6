import { useParams } from "@tanstack/react-router";
import { lazy, Suspense } from "react";

/** The room is the largest part of the client and comes only when somebody goes there. */
const Join = lazy(() => import("@/room/features/join"));

/** The device check and the live room of one session. */
export function RoomRoute() {
	const { code } = useParams({ from: "/known/s/$code/room" });
	return (
		<Suspense>
			<Join key={code} code={code} />
		</Suspense>
	);
}
