import { asApiError } from "@/session";

/** Whether asking again is in vain: a right is missing, or a thing is not there. */
export const isFinal = (error: unknown): boolean =>
	[403, 404, 410].includes(asApiError(error)?.status ?? 0);
