import { useTranslation } from "react-i18next";
import { unbroken } from "@/format";
import { Question } from "@/kit/Question";
import type { ParticipantId } from "@/protocol/generated/ParticipantId";
import { nameOf } from "@/room/state/selectors";
import { useRoomSession, useRoomState } from "@/room/view/useRoom";

/** Asks before the chair is handed on, by name: whoever holds it alone can end the session. */
export function GiveChairDialog({
	id,
	onClose,
}: {
	id: ParticipantId | null;
	onClose: () => void;
}) {
	const { t } = useTranslation("room");
	const session = useRoomSession();
	const name = unbroken(nameOf(useRoomState(), id ?? ""));
	return (
		<Question
			opened={id !== null}
			title={t("giveChair.title", { name })}
			no={t("giveChair.keep")}
			yes={t("giveChair.yes")}
			testId="give-chair-confirm"
			onClose={onClose}
			onYes={() => {
				if (id) void session.ask({ type: "give_chair", participant: id });
			}}
		>
			<p>{t("giveChair.text", { name })}</p>
		</Question>
	);
}
