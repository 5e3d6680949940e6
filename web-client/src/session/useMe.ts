import { useRouteContext } from "@tanstack/react-router";
import type { Me } from "@/protocol/generated/Me";
import type { OfficeAct } from "@/protocol/generated/OfficeAct";

/** Who is here; on every page behind the sign-in. */
export function useMe(): Me {
	return useRouteContext({ from: "/known", select: (context) => context.me });
}

/** Whether the server lets somebody do something that is about no one thing. It decides again; this only spares people keys that would be refused. */
export const may = (me: Me, act: OfficeAct): boolean => me.may.includes(act);
