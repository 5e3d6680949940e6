import { Button } from "@mantine/core";
import { IconDoorOff } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { formatDate, formatTime } from "@/format";
import type { Session } from "@/protocol/generated/Session";
import { DoorFrame } from "./DoorFrame";
import classes from "./Doorstep.module.css";
import type { Shut } from "./shut";

/** A door that stays shut: why, and nothing of this device is asked for. */
export function Closed({
	session,
	why,
	onLeave,
}: {
	session: Session;
	why: Shut;
	onLeave: () => void;
}) {
	const { t } = useTranslation("room");
	const { t: tPages } = useTranslation("pages");
	return (
		<DoorFrame onLeave={onLeave}>
			<section className={classes.card} data-testid="closed">
				<IconDoorOff size={40} stroke={1.5} aria-hidden="true" />
				<h1>{session.title}</h1>
				<p role="status">
					{why === "notInvited"
						? tPages("session.notInvited")
						: tPages(`session.shut.${why}`)}
				</p>
				{session.over_at_us !== null && (
					<p>
						{t("door.since", {
							time: formatTime(session.over_at_us),
							date: formatDate(session.over_at_us),
						})}
					</p>
				)}
				<Button variant="filled" size="lg" onClick={onLeave}>
					{t("door.page")}
				</Button>
			</section>
		</DoorFrame>
	);
}
