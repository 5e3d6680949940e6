import type { Attendee } from "@/protocol/generated/Attendee";
import type { Link } from "@/protocol/generated/Link";
import type { LinkPreview } from "@/protocol/generated/LinkPreview";
import type { LinkRequest } from "@/protocol/generated/LinkRequest";
import type { LinkSummary } from "@/protocol/generated/LinkSummary";
import type { Me } from "@/protocol/generated/Me";
import type { NewSession } from "@/protocol/generated/NewSession";
import type { Page } from "@/protocol/generated/Page";
import type { PointHistory } from "@/protocol/generated/PointHistory";
import type { PointRef } from "@/protocol/generated/PointRef";
import type { PointStatus } from "@/protocol/generated/PointStatus";
import type { Recording } from "@/protocol/generated/Recording";
import type { Session } from "@/protocol/generated/Session";
import type { TrainingClass } from "@/protocol/generated/TrainingClass";
import { createSend, type Fetch, type Send } from "./client";
import { createServerClock } from "./clock";
import { createReach } from "./reach";

/** The REST interface, one function per request. Each throws `ApiError` and nothing else. */
export type Api = ReturnType<typeof createApi>;

/** Builds the interface on a `fetch`; tests give their own. */
export function createApi(fetch: Fetch) {
	const clock = createServerClock();
	const reach = createReach(clock.nowUs);
	const send = createSend(fetch, clock.hear, reach);
	return {
		/** Whether the server answers. */
		reach,
		/** The present in microseconds UTC, by the server's clock. */
		nowUs: clock.nowUs,

		/** Who the cookie belongs to; `null` when nobody is signed in. */
		me: (signal?: AbortSignal) =>
			send<Me | null>("GET", "me", undefined, signal),
		signIn: (login: string, password: string) =>
			send<Me>("POST", "sign-in", { login, password }),
		signOut: () => send<void>("POST", "sign-out"),
		/** Where a joining link leads; nothing is spent. */
		previewLink: (secret: string, signal?: AbortSignal) =>
			send<LinkPreview>("POST", "links/preview", { secret }, signal),
		/** Exchanges the secret of a joining link for a cookie; `name` is for guests. */
		exchangeLink: (secret: string, name?: string) =>
			send<Me>("POST", "links/exchange", { secret, name }),

		/** All sessions that overlap the time between two instants, in microseconds UTC, earliest first. */
		sessions: (fromUs: number, toUs: number, signal?: AbortSignal) =>
			everyPage<Session>(send, `sessions?from=${fromUs}&to=${toUs}`, signal),
		session: (code: string, signal?: AbortSignal) =>
			send<Session>("GET", `sessions/${part(code)}`, undefined, signal),
		createSession: (session: NewSession) =>
			send<Session>("POST", "sessions", session),
		/** Ends the session for everybody. */
		endSession: (code: string) =>
			send<void>("POST", `sessions/${part(code)}/end`),
		/** Who was in the room, by point. */
		attendance: (code: string, signal?: AbortSignal) =>
			everyPage<Attendee>(send, `sessions/${part(code)}/attendance`, signal),
		links: (code: string, signal?: AbortSignal) =>
			everyPage<LinkSummary>(send, `sessions/${part(code)}/links`, signal),
		createLink: (code: string, link: LinkRequest) =>
			send<Link>("POST", `sessions/${part(code)}/links`, link),
		revokeLink: (id: string) => send<void>("DELETE", `links/${part(id)}`),
		sessionRecordings: (code: string, signal?: AbortSignal) =>
			everyPage<Recording>(send, `sessions/${part(code)}/recordings`, signal),

		bridgePoints: (signal?: AbortSignal) =>
			everyPage<PointRef>(send, "bridge-points", signal),
		pointStatus: (signal?: AbortSignal) =>
			everyPage<PointStatus>(send, "bridge-points/status", signal),
		/** How a point did between two instants, in microseconds UTC. */
		pointHistory: (
			code: string,
			fromUs: number,
			toUs: number,
			signal?: AbortSignal,
		) =>
			send<PointHistory>(
				"GET",
				`bridge-points/${part(code)}/history?from=${fromUs}&to=${toUs}`,
				undefined,
				signal,
			),

		classes: (signal?: AbortSignal) =>
			everyPage<TrainingClass>(send, "classes", signal),
		trainingClass: (code: string, signal?: AbortSignal) =>
			send<TrainingClass>("GET", `classes/${part(code)}`, undefined, signal),

		recording: (id: string, signal?: AbortSignal) =>
			send<Recording>("GET", `recordings/${part(id)}`, undefined, signal),
		/** Asks once more for the MP4 of a recording that has none. */
		composeRecording: (id: string) =>
			send<void>("POST", `recordings/${part(id)}/compose`),
	};
}

const part = encodeURIComponent;

/** Walks a list to its end. Twenty pages are more than any list of a province; a server that never ends is cut off there. */
async function everyPage<T>(
	send: Send,
	path: string,
	signal?: AbortSignal,
): Promise<T[]> {
	const items: T[] = [];
	let cursor: string | null = null;
	for (let page = 0; page < 20; page += 1) {
		const query: string =
			cursor === null
				? path
				: `${path}${path.includes("?") ? "&" : "?"}cursor=${part(cursor)}`;
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
