import { useTranslation } from "react-i18next";
import { unbroken } from "@/format";
import { Question } from "@/kit/Question";
import { handPlace, nameOf } from "@/room/state/selectors";
import { useRoom, useRoomSession, useRoomState } from "@/room/view/useRoom";

/** Asks before a hand goes down whose place is then lost: nobody can put it back where it stood. */
export function LowerDialog() {
	const { t } = useTranslation("room");
	const session = useRoomSession();
	const room = useRoomState();
	const { id, own } = useRoom(({ lowering, you }) => ({
		id: lowering,
		own: lowering === you,
	}));
	const place = id === null ? null : handPlace(room, id);
	const name = unbroken(nameOf(room, id ?? ""));
	const whose = own ? "own" : "other";
	return (
		<Question
			// Whoever was called meanwhile has no place any more.
			opened={id !== null && place !== null}
			title={t(`lowering.title_${whose}`, { name })}
			no={t("lowering.keep")}
			yes={t(`lowering.yes_${whose}`)}
			testId="lower-confirm"
			onClose={() => session.askToLower(null)}
			onYes={() => {
				if (id !== null) void session.confirmLower(id);
			}}
		>
			<p>{t(`lowering.text_${whose}`, { name, place: place ?? 0 })}</p>
		</Question>
	);
}
