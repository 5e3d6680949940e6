import { useRouteContext } from "@tanstack/react-router";
import type { AccountRole } from "@/protocol/generated/AccountRole";
import type { Me } from "@/protocol/generated/Me";

/** Who is here; on every page behind the sign-in. */
export function useMe(): Me {
	return useRouteContext({ from: "/known", select: (context) => context.me });
}

/** Whether somebody holds one of some roles anywhere. The server decides again; this only spares people keys that would be refused. */
export const holds = (me: Me, ...roles: AccountRole[]): boolean =>
	me.roles.some((granted) => roles.includes(granted.role));
