import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useRoom } from "@/room/useRoom";
import { Mark } from "@/ui/Mark";
import classes from "./Message.module.css";

/** Between the device check and the room: a moment, or as long as the server does not answer. */
export function Entering({
	title,
	onBack,
}: {
	title: string;
	onBack: () => void;
}) {
	const { t } = useTranslation("room");
	const waiting = useRoom(
		({ connection }) => connection.name === "reconnecting",
	);
	return (
		<main className={classes.message} aria-busy="true" data-testid="entering">
			<Mark width={56} />
			<h1>{title}</h1>
			<p role="status">{waiting ? t("enter.waiting") : t("enter.entering")}</p>
			{waiting && <Button onClick={onBack}>{t("enter.back")}</Button>}
		</main>
	);
}
