import type { Session } from "@/protocol/generated/Session";
import type { SessionState } from "@/protocol/generated/SessionState";

/** Whether nothing of a session is to come any more, however it went. */
export const isOver = (
	state: SessionState,
): state is "ended" | "lapsed" | "cancelled" =>
	state === "ended" || state === "lapsed" || state === "cancelled";

/** From when to when a session was, once it is over; until then, and where it never took place, as it is planned. */
export function timesOf(
	session: Pick<
		Session,
		"state" | "opened_at_us" | "over_at_us" | "starts_at_us" | "ends_at_us"
	>,
): { fromUs: number; toUs: number; took: boolean } {
	const { state, opened_at_us, over_at_us } = session;
	return state === "ended" && opened_at_us !== null && over_at_us !== null
		? { fromUs: opened_at_us, toUs: over_at_us, took: true }
		: {
				fromUs: session.starts_at_us,
				toUs: session.ends_at_us,
				took: false,
			};
}
