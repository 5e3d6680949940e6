import { Textarea } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { formatDay, formatTime } from "@/format";
import type { Session } from "@/protocol/generated/Session";
import { useServer } from "@/session";
import { cancelSession } from "../api";
import { Refusal } from "./Clash";
import { Sheet } from "./Sheet";
import { useChange } from "./useChange";

/** Calls a session off that has not begun, for a reason that those invited are told. */
export function Cancel({
	session,
	onClose,
}: {
	session: Session;
	onClose: () => void;
}) {
	const { t, i18n } = useTranslation();
	const server = useServer();
	const [reason, setReason] = useState("");
	const [tried, setTried] = useState(false);
	const said = reason.trim();
	const cancel = useChange(
		session,
		(etag, what: string) =>
			cancelSession(server, session.code, etag, { reason: what }),
		onClose,
	);
	return (
		<Sheet
			title={t("change.cancelAsk", { title: session.title })}
			note={t("change.cancelNote")}
			no={t("change.cancelNot")}
			yes={t("change.cancelDo", { count: session.invited.length })}
			danger
			pending={cancel.isPending}
			onClose={onClose}
			onSubmit={() => {
				setTried(true);
				if (said !== "") cancel.mutate(said);
			}}
		>
			<p>
				{t("change.planned", {
					day: formatDay(session.starts_at_us, i18n.language),
					from: formatTime(session.starts_at_us),
					to: formatTime(session.ends_at_us),
				})}
			</p>
			<Textarea
				label={t("change.reason")}
				value={reason}
				maxLength={300}
				rows={3}
				data-autofocus
				error={tried && said === "" ? t("change.reasonMissing") : undefined}
				onChange={(event) => setReason(event.currentTarget.value)}
			/>
			{cancel.isError && <Refusal error={cancel.error} />}
		</Sheet>
	);
}
