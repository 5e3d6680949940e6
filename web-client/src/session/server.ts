import type { Page } from "@/protocol/generated/Page";
import { createSend, type Fetch, type Send } from "./client";
import { createServerClock } from "./clock";
import { createReach, type Reach } from "./reach";

/** The server as this browser reaches it. What can be asked of it stands in each domain's `api.ts`. */
export interface Server {
	/** Sends one request; throws `ApiError` and nothing else. */
	send: Send;
	/** Reads a list from its first page to its last; throws `ApiError` and nothing else. */
	list: <T>(path: string, signal?: AbortSignal) => Promise<T[]>;
	/** Whether the server answers. */
	reach: Reach;
	/** The present in microseconds UTC, by the server's clock. */
	nowUs: () => number;
}

/** Reaches the server by a `fetch`; tests give their own. */
export function createServer(fetch: Fetch): Server {
	const clock = createServerClock();
	const reach = createReach(clock.nowUs);
	const send = createSend(fetch, clock.hear, reach);
	return {
		send,
		list: (path, signal) => everyPage(send, path, signal),
		reach,
		nowUs: clock.nowUs,
	};
}

/** A path below `/api/v1`: each value is escaped, since it may come from the address bar. */
export const path = (
	texts: TemplateStringsArray,
	...values: (string | number)[]
): string =>
	String.raw({ raw: texts }, ...values.map((one) => encodeURIComponent(one)));

/** Walks a list to its end. Twenty pages are more than any list of a province; a server that never ends is cut off there. */
async function everyPage<T>(
	send: Send,
	list: string,
	signal?: AbortSignal,
): Promise<T[]> {
	const items: T[] = [];
	let cursor: string | null = null;
	for (let page = 0; page < 20; page += 1) {
		const query: string =
			cursor === null
				? list
				: `${list}${list.includes("?") ? "&" : "?"}${path`cursor=${cursor}`}`;
		const answer: Page<T> = await send<Page<T>>(
			"GET",
			query,
			undefined,
			signal,
		);
		items.push(...answer.items);
		cursor = answer.next;
		if (cursor === null) break;
	}
	return items;
}
