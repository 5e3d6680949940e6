import type { Session } from "@/protocol/generated/Session";
import type { TrainingClass } from "@/protocol/generated/TrainingClass";

/** The session to attend: the live one, else the one whose room is open, else the next planned one; none when all are over. */
export function nextSession({ sessions }: TrainingClass): Session | undefined {
	return (
		sessions.find(({ state }) => state === "live") ??
		sessions
			.filter(({ state }) => state === "open" || state === "planned")
			.sort((a, b) => a.starts_at_us - b.starts_at_us)[0]
	);
}
