import { useTranslation } from "react-i18next";
import { Question } from "@/kit/Question";
import { mayChair, you } from "@/room/state/selectors";
import { useRoom, useRoomState } from "@/room/view/useRoom";

/** Asks before one leaves, by the session's name: a thumb may slip, and for the chair much hangs on it. */
export function LeaveDialog({
	opened,
	onClose,
	onLeave,
}: {
	opened: boolean;
	onClose: () => void;
	onLeave: () => void;
}) {
	const { t } = useTranslation("room");
	const { session, floor } = useRoomState();
	const chair = useRoom(mayChair);
	const speaking = useRoom((view) => you(view)?.id === floor?.participant);
	return (
		<Question
			opened={opened}
			title={t("leaving.title", { title: session.title })}
			no={t("leaving.stay")}
			yes={t("leaving.go")}
			testId="leave-confirm"
			onClose={onClose}
			onYes={onLeave}
		>
			<p>{chair ? t("leaving.chair") : t("leaving.text")}</p>
			{floor && speaking && <p>{t("leaving.floor")}</p>}
		</Question>
	);
}
