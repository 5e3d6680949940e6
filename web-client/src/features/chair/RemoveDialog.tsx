import { Button, Modal } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { unbroken } from "@/format";
import type { ParticipantId } from "@/protocol/generated/ParticipantId";
import { nameOf } from "@/room/selectors";
import { useRoomSession, useRoomState } from "@/room/useRoom";
import classes from "./RemoveDialog.module.css";

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
		<Modal
			opened={id !== null}
			onClose={onClose}
			title={t("remove.title", { name })}
			closeButtonProps={{ "aria-label": t("close") }}
			centered
		>
			<p className={classes.text}>{t("remove.text", { name })}</p>
			<div className={classes.buttons}>
				<Button onClick={onClose} data-autofocus>
					{t("remove.cancel")}
				</Button>
				<Button
					className={classes.end}
					data-testid="remove-confirm"
					onClick={() => {
						if (id) void session.remove(id);
						onClose();
					}}
				>
					{t("command.remove")}
				</Button>
			</div>
		</Modal>
	);
}
