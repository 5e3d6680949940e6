import { toJson } from "@/format";
import type { Problem } from "@/protocol/generated/Problem";

/** A request that did not succeed: the server's refusal, or `unreachable` when there was no answer at all. */
export class ApiError extends Error {
	override readonly name = "ApiError";

	constructor(
		/** The HTTP status; 0 when the server could not be reached. */
		readonly status: number,
		/** Stable, for example `booking_conflict`; the catalogue says it in words. */
		readonly code: string,
		/** Parameters of the sentence, by name; times in microseconds UTC. */
		readonly params: Readonly<Record<string, string>> = {},
		title: string = code,
	) {
		super(title);
	}
}

/** `window.fetch`, or what a test puts in its place. */
export type Fetch = (input: string, init?: RequestInit) => Promise<Response>;

/** Sends one JSON request below `/api/v1` and reads its JSON answer; `undefined` for 204. Throws [`ApiError`] only. */
export type Send = <T>(
	method: "GET" | "POST" | "DELETE",
	path: string,
	body?: unknown,
	signal?: AbortSignal,
) => Promise<T>;

/**
 * Builds a [`Send`] on `fetch`, which tells the `Date` of every answer. The cookie goes along because the API is of the
 * same origin.
 */
export function createSend(
	fetch: Fetch,
	hearDate: (date: string | null) => void,
): Send {
	return async <T>(
		method: string,
		path: string,
		body?: unknown,
		signal?: AbortSignal,
	) => {
		let response: Response;
		try {
			response = await fetch(`/api/v1/${path}`, {
				method,
				headers: {
					accept: "application/json",
					...(body !== undefined && { "content-type": "application/json" }),
				},
				body: body === undefined ? undefined : toJson(body),
				credentials: "same-origin",
				signal,
			});
		} catch (cause) {
			if (signal?.aborted) throw cause;
			throw new ApiError(0, "unreachable");
		}
		hearDate(response.headers.get("date"));
		if (!response.ok) throw await readProblem(response);
		if (response.status === 204) return undefined as T;
		try {
			return (await response.json()) as T;
		} catch {
			throw new ApiError(response.status, "unexpected");
		}
	};
}

/** Reads `application/problem+json`; a proxy's HTML page becomes a problem known by its status alone. */
async function readProblem(response: Response): Promise<ApiError> {
	try {
		const problem = (await response.json()) as Partial<Problem>;
		if (typeof problem.code === "string") {
			return new ApiError(
				response.status,
				problem.code,
				problem.params,
				problem.title,
			);
		}
	} catch {
		// Not JSON; the status has to do.
	}
	return new ApiError(response.status, "unexpected");
}
