import { useRouteContext } from "@tanstack/react-router";
import type { AccountRole } from "@/protocol/generated/AccountRole";
import type { Me } from "@/protocol/generated/Me";

/** Who is here; on every page behind the sign-in. */
export function useMe(): Me {
	return useRouteContext({ from: "/known", select: (context) => context.me });
}

/** Who makes sessions. */
export const mayConvene = (me: Me): boolean =>
	holds(me, "department_admin", "unit_admin", "trainer");

/** Who looks after points and their lines. */
export const mayWatch = (me: Me): boolean =>
	holds(me, "department_admin", "unit_admin", "it_staff");

/** Whether somebody holds one of some roles anywhere. The server decides again; this only spares people keys that would be refused. */
const holds = (me: Me, ...roles: AccountRole[]): boolean =>
	me.roles.some((granted) => roles.includes(granted.role));
