import { queryOptions } from "@tanstack/react-query";
import type { Recording } from "@/protocol/generated/Recording";
import type { RecordingStage } from "@/protocol/generated/RecordingStage";
import { path, type Server } from "@/session";

/** The recordings of a session, asked again while one of them is in the making. */
export const sessionRecordingsQuery = (server: Server, code: string) =>
	queryOptions({
		queryKey: ["session", code, "recordings"],
		queryFn: ({ signal }) =>
			server.list<Recording>(path`sessions/${code}/recordings`, signal),
		refetchInterval: ({ state }) =>
			state.data?.some((recording) => inMotion(recording.state))
				? 3_000
				: false,
	});

/** Asks once more for the MP4 of a recording that has none. */
export const composeRecording = (server: Server, id: string) =>
	server.send<void>("POST", path`recordings/${id}/compose`);

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
