import { Button } from "@mantine/core";
import { IconDoorExit } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { ByeReason } from "@/protocol/generated/ByeReason";
import { mayReturn } from "@/room/signaling/browser";
import { byeKey } from "@/room/state/notices";
import classes from "./Message.module.css";

/** How a stay ended: what happened, what to do. */
export function Over({
	reason,
	onBack,
	onTakeOver,
	onPage,
}: {
	reason: ByeReason;
	onBack: () => void;
	/** Goes in although another page or device of the same person is there. */
	onTakeOver: () => void;
	onPage: () => void;
}) {
	const { t } = useTranslation("room");
	const key = byeKey(reason);
	const detail = reason.type === "refused" ? (reason.refusal.detail ?? "") : "";
	return (
		<main
			className={classes.message}
			data-testid="over"
			data-reason={reason.type}
		>
			<IconDoorExit size={56} stroke={1.5} aria-hidden="true" />
			<h1 role="alert">{t(`bye.${key}`, { detail })}</h1>
			<p>{t(`bye.${key}_do`)}</p>
			<div className={classes.buttons}>
				{reason.type === "protocol_mismatch" ? (
					<Button variant="filled" onClick={() => location.reload()}>
						{t("bye.reload")}
					</Button>
				) : key === "refused_already_here" ? (
					<Button variant="filled" data-testid="take-over" onClick={onTakeOver}>
						{t("bye.take_over")}
					</Button>
				) : (
					mayReturn(reason) && (
						<Button variant="filled" data-testid="come-back" onClick={onBack}>
							{t("bye.again")}
						</Button>
					)
				)}
				<Button onClick={onPage}>{t("bye.page")}</Button>
			</div>
		</main>
	);
}
