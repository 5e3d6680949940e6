import { toJson } from "@/format";
import type { Problem } from "@/protocol/generated/Problem";
import type { Reach } from "./reach";

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

/** What browsers and the bundler say when a part of the page cannot be fetched; each in words of its own. */
const missingPart =
	/dynamically imported module|Importing a module script|preload CSS|Loading (CSS )?chunk/i;

/** The failure as a refusal: a part of the page that could not be fetched means that the server is out of reach. */
export function asApiError(error: unknown): ApiError | null {
	if (error instanceof ApiError) return error;
	return error instanceof Error && missingPart.test(error.message)
		? new ApiError(0, "unreachable")
		: null;
}

/** How long a whole answer may take before it is given up, in milliseconds: to read, and to change something. */
const patienceMs = { GET: 10_000, other: 30_000 };

/** `window.fetch`, or what a test puts in its place. */
export type Fetch = (input: string, init?: RequestInit) => Promise<Response>;

/** Sends one JSON request below `/api/v1` and reads its JSON answer; `undefined` for 204. Throws [`ApiError`] only. */
export type Send = <T>(
	method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
	path: string,
	/** JSON; a file goes as it is. */
	body?: unknown,
	signal?: AbortSignal,
	/** The `etag` of what is changed, where the server asks for it. */
	etag?: string,
) => Promise<T>;

/**
 * Builds a [`Send`] on `fetch`, which tells the `Date` of every answer and whether one came. The cookie goes along
 * because the API is of the same origin.
 */
export function createSend(
	fetch: Fetch,
	hearDate: (date: string | null) => void,
	reach: Reach,
): Send {
	return async <T>(
		method: string,
		path: string,
		body?: unknown,
		signal?: AbortSignal,
		etag?: string,
	) => {
		const isRead = method === "GET";
		// A cable that is out gives no error: the request just never ends, or its answer breaks off.
		const patience = new AbortController();
		const giveUp = () => patience.abort();
		const timer = setTimeout(
			giveUp,
			isRead ? patienceMs.GET : patienceMs.other,
		);
		signal?.addEventListener("abort", giveUp);
		const over = isRead ? reach.asked() : () => undefined;
		try {
			const response = await fetch(`/api/v1/${path}`, {
				method,
				headers: {
					accept: "application/json",
					...(body !== undefined && {
						"content-type":
							body instanceof Blob
								? "application/octet-stream"
								: "application/json",
					}),
					...(etag !== undefined && { "if-match": etag }),
				},
				body: body === undefined || body instanceof Blob ? body : toJson(body),
				credentials: "same-origin",
				signal: patience.signal,
			});
			hearDate(response.headers.get("date"));
			const text = await response.text();
			reach.heard(response.status);
			return readAnswer<T>(response.status, text);
		} catch (cause) {
			if (signal?.aborted || cause instanceof ApiError) throw cause;
			reach.lost();
			throw new ApiError(0, "unreachable");
		} finally {
			clearTimeout(timer);
			signal?.removeEventListener("abort", giveUp);
			over();
		}
	};
}

/** Reads an answer's body; a refusal is thrown. */
function readAnswer<T>(status: number, text: string): T {
	if (status >= 400) throw readProblem(status, text);
	// Nothing to tell, or not yet: what was asked for waits its turn.
	if (text === "" && (status === 202 || status === 204)) return undefined as T;
	try {
		return JSON.parse(text) as T;
	} catch {
		throw new ApiError(status, "unexpected");
	}
}

/** Reads `application/problem+json`; a proxy's HTML page becomes a problem known by its status alone. */
function readProblem(status: number, text: string): ApiError {
	try {
		const problem = JSON.parse(text) as Partial<Problem>;
		if (typeof problem.code === "string") {
			return new ApiError(status, problem.code, problem.params, problem.title);
		}
	} catch {
		// Not JSON; the status has to do.
	}
	return new ApiError(status, "unexpected");
}
