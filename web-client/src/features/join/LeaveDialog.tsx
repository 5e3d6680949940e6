import { Button, Modal } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { mayChair, you } from "@/room/selectors";
import { useRoom, useRoomState } from "@/room/useRoom";
import classes from "./LeaveDialog.module.css";

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
		<Modal
			opened={opened}
			onClose={onClose}
			title={t("leaving.title", { title: session.title })}
			closeButtonProps={{ "aria-label": t("close") }}
			centered
		>
			<p>{chair ? t("leaving.chair") : t("leaving.text")}</p>
			{floor && speaking && <p>{t("leaving.floor")}</p>}
			<div className={classes.buttons}>
				<Button onClick={onClose} data-autofocus>
					{t("leaving.stay")}
				</Button>
				<Button
					className={classes.end}
					data-testid="leave-confirm"
					onClick={() => {
						onClose();
						onLeave();
					}}
				>
					{t("leaving.go")}
				</Button>
			</div>
		</Modal>
	);
}
