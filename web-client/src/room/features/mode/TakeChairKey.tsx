import { IconGavel } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Key } from "@/kit/Key";
import { mayTakeChair } from "@/room/state/selectors";
import { useRoom, useRoomSession } from "@/room/view/useRoom";

/** Takes the chair back that one handed on; only there for whom the schedule names. */
export function TakeChairKey() {
	const { t } = useTranslation("room");
	const session = useRoomSession();
	const allowed = useRoom(mayTakeChair);
	if (!allowed) return null;
	return (
		<Key
			icon={IconGavel}
			word={t("keys.takeChair")}
			detail={t("keys.takeChairDetail")}
			once
			testId="key-take-chair"
			onPress={() => void session.ask({ type: "take_chair" })}
		/>
	);
}
