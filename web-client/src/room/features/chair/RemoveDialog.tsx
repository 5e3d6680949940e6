import { useTranslation } from "react-i18next";
import { unbroken } from "@/format";
import { Question } from "@/kit/Question";
import type { ParticipantId } from "@/protocol/generated/ParticipantId";
import { nameOf } from "@/room/state/selectors";
import { useRoomSession, useRoomState } from "@/room/view/useRoom";

/** Asks before somebody is removed, by name: they cannot come back until they are readmitted. */
export function RemoveDialog({
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
			title={t("remove.title", { name })}
			no={t("remove.cancel")}
			yes={t("command.remove")}
			testId="remove-confirm"
			onClose={onClose}
			onYes={() => {
				if (id) void session.remove(id);
			}}
		>
			<p>{t("remove.text", { name })}</p>
		</Question>
	);
}
