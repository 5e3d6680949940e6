import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Session } from "@/protocol/generated/Session";
import { ApiError, useServer } from "@/session";
import { sessionQuery } from "@/shared/session/api";

/**
 * A change of a session as it was when the form was opened. Whoever is told that somebody else was faster sees the new state,
 * and the next try is made to that.
 */
export function useChange<T>(
	session: Session,
	send: (etag: string, what: T) => Promise<Session>,
	onDone: () => void,
) {
	const server = useServer();
	const queryClient = useQueryClient();
	const [etag, setEtag] = useState(session.etag);
	const { queryKey } = sessionQuery(server, session.code);
	return useMutation({
		mutationFn: (what: T) => send(etag, what),
		onSuccess: (changed) => {
			queryClient.setQueryData(queryKey, changed);
			void queryClient.invalidateQueries({ queryKey: ["sessions"] });
			void queryClient.invalidateQueries({
				queryKey: ["session", session.code],
			});
			onDone();
		},
		onError: (error) => {
			if (!(error instanceof ApiError) || error.code !== "changed_meanwhile")
				return;
			setEtag(error.params.etag ?? etag);
			void queryClient.invalidateQueries({ queryKey });
		},
	});
}
