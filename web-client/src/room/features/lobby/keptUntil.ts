import type { Session } from "@/protocol/generated/Session";

const dayUs = 86_400_000_000;

/** When a recording of the session, begun as planned, is deleted; `null` for never. */
export const keptUntilUs = (session: Session): number | null =>
	session.keep_days === null
		? null
		: session.starts_at_us + session.keep_days * dayUs;
