import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { formatTime } from "@/format";
import { Failure } from "@/kit";
import { Mark } from "@/kit/Mark";
import { useLasting } from "@/kit/useLasting";
import type { Session } from "@/protocol/generated/Session";
import { useRoom, useRoomSession } from "@/room/view/useRoom";
import { ApiError, useServer } from "@/session";
import { sessionQuery } from "@/shared/session/api";
import classes from "./Message.module.css";

/** How often the page asks why the room does not open, in milliseconds. */
const ASK_AGAIN_MS = 5_000;

/** How long WebSockets may fail beside a server that answers before the network is blamed, in milliseconds: some attempts. */
const BLOCKED_AFTER_MS = 5_000;

/** Between the device check and the room: a moment, or as long as the server does not answer. */
export function Entering({
	session,
	onBack,
}: {
	session: Session;
	onBack: () => void;
}) {
	const { t } = useTranslation("room");
	const stay = useRoomSession();
	const { waiting, storage } = useRoom(({ connection }) => ({
		waiting: connection.name === "reconnecting",
		storage:
			connection.name === "reconnecting" && connection.why === "not_saved",
	}));
	const server = useServer();
	// A WebSocket that is turned away does not say why; the session's own address does.
	const asked = useQuery({
		...sessionQuery(server, session.code),
		enabled: waiting,
		staleTime: 0,
		refetchInterval: ASK_AGAIN_MS,
		retry: false,
	});
	// The server answers this page and would let it in, but no WebSocket to it ever opened.
	const answered = asked.isSuccess && asked.isFetchedAfterMount;
	const blocked = useLasting(
		waiting && answered && !stay.reached,
		BLOCKED_AFTER_MS,
	);
	const refusal =
		waiting && asked.error instanceof ApiError && asked.error.status >= 400
			? asked.error
			: null;
	if (refusal) {
		return (
			<main className={classes.message}>
				<Failure what={t("title")} error={refusal} onRetry={onBack} />
			</main>
		);
	}
	const early = waiting && session.starts_at_us > stay.serverNowUs();
	return (
		<main className={classes.message} aria-busy="true" data-testid="entering">
			<Mark width={56} />
			<h1>{session.title}</h1>
			<p role="status">
				{storage
					? t("enter.storage")
					: early
						? t("enter.early", { time: formatTime(session.starts_at_us) })
						: blocked
							? t("enter.websocket", { host: location.host })
							: waiting
								? t("enter.waiting")
								: t("enter.entering")}
			</p>
			{waiting && <Button onClick={onBack}>{t("enter.back")}</Button>}
		</main>
	);
}
