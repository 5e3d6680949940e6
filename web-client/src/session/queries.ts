import { queryOptions } from "@tanstack/react-query";
import type { RecordingStage } from "@/protocol/generated/RecordingStage";
import type { Api } from "./api";

/** How often the board asks again, in milliseconds: whoever watches it must see within seconds that nothing comes. */
const boardMs = 5_000;

/** How often a history asks for what was measured since, in milliseconds: each of its steps lasts 10 s or longer. */
const historyMs = 10_000;

/** Who is signed in; `null` when nobody is. */
export const meQuery = (api: Api) =>
	queryOptions({
		queryKey: ["me"],
		queryFn: ({ signal }) => api.me(signal),
		staleTime: 5 * 60_000,
	});

/** Sessions between two instants; a fresh "now" in the key would ask again at every render, so callers pass days. */
export const sessionsQuery = (api: Api, fromUs: number, toUs: number) =>
	queryOptions({
		queryKey: ["sessions", fromUs, toUs],
		queryFn: ({ signal }) => api.sessions(fromUs, toUs, signal),
		refetchInterval: 30_000,
	});

export const sessionQuery = (api: Api, code: string) =>
	queryOptions({
		queryKey: ["session", code],
		queryFn: ({ signal }) => api.session(code, signal),
		refetchInterval: 30_000,
	});

/** Where a joining link leads. */
export const linkPreviewQuery = (api: Api, secret: string) =>
	queryOptions({
		queryKey: ["link", secret],
		queryFn: ({ signal }) => api.previewLink(secret, signal),
		refetchInterval: 30_000,
	});

/** The joining links of a session, also those that hold no longer. */
export const linksQuery = (api: Api, code: string) =>
	queryOptions({
		queryKey: ["session", code, "links"],
		queryFn: ({ signal }) => api.links(code, signal),
		refetchInterval: 30_000,
	});

/** Who was in the room of a session. */
export const attendanceQuery = (api: Api, code: string) =>
	queryOptions({
		queryKey: ["session", code, "attendance"],
		queryFn: ({ signal }) => api.attendance(code, signal),
	});

export const sessionRecordingsQuery = (api: Api, code: string) =>
	queryOptions({
		queryKey: ["session", code, "recordings"],
		queryFn: ({ signal }) => api.sessionRecordings(code, signal),
		refetchInterval: ({ state }) =>
			state.data?.some((recording) => inMotion(recording.state))
				? 3_000
				: false,
	});

export const recordingQuery = (api: Api, id: string) =>
	queryOptions({
		queryKey: ["recording", id],
		queryFn: ({ signal }) => api.recording(id, signal),
		refetchInterval: ({ state }) =>
			state.data && inMotion(state.data.state) ? 3_000 : false,
	});

export const bridgePointsQuery = (api: Api) =>
	queryOptions({
		queryKey: ["bridge-points"],
		queryFn: ({ signal }) => api.bridgePoints(signal),
		staleTime: 5 * 60_000,
	});

export const pointStatusQuery = (api: Api) =>
	queryOptions({
		queryKey: ["bridge-points", "status"],
		queryFn: ({ signal }) => api.pointStatus(signal),
		refetchInterval: boardMs,
	});

/** The last `hours` of one point, asked again as measurements come in. */
export const pointHistoryQuery = (api: Api, code: string, hours: number) =>
	queryOptions({
		queryKey: ["bridge-points", code, "history", hours],
		queryFn: ({ signal }) => {
			const toUs = api.nowUs();
			return api.pointHistory(code, toUs - hours * 3_600_000_000, toUs, signal);
		},
		// Of 24 hours a step is two minutes, of 30 days an hour.
		refetchInterval: Math.max(historyMs, hours * 2_500),
	});

export const classesQuery = (api: Api) =>
	queryOptions({
		queryKey: ["classes"],
		queryFn: ({ signal }) => api.classes(signal),
	});

export const classQuery = (api: Api, code: string) =>
	queryOptions({
		queryKey: ["class", code],
		queryFn: ({ signal }) => api.trainingClass(code, signal),
		refetchInterval: 30_000,
	});

/** Whether a recording will change by itself. */
export function inMotion(stage: RecordingStage): boolean {
	switch (stage) {
		case "starting":
		case "recording":
		case "finalising":
		case "archived":
		case "composing":
			return true;
		case "ready":
		case "failed":
			return false;
	}
}
