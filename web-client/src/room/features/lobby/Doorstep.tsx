import { Button } from "@mantine/core";
import { IconClock } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import {
	formatCountdown,
	formatDate,
	formatDay,
	formatTime,
	sameDay,
	sayDuration,
} from "@/format";
import type { Session } from "@/protocol/generated/Session";
import { useNow } from "@/session/useNow";
import { RecordingNotice } from "@/shared/session/RecordingNotice";
import { DoorFrame } from "./DoorFrame";
import classes from "./Doorstep.module.css";
import { keptUntilUs } from "./keptUntil";

/** A wait of this length or longer is said in words. */
const dayUs = 86_400_000_000;

/** Before the room opens: what one waits for, when it opens, and how long that is still. No camera is started. */
export function Doorstep({
	session,
	checked,
	onCheck,
	onLeave,
}: {
	session: Session;
	/** Whether camera and microphone were looked at already, so that the page goes in by itself. */
	checked: boolean;
	/** To the device check. */
	onCheck: () => void;
	/** To the session's page. */
	onLeave: () => void;
}) {
	const { t, i18n } = useTranslation("room");
	const { t: tPages } = useTranslation("pages");
	const now = useNow(1_000);
	const opensAt = session.opens_at_us;
	const left = opensAt - now;
	return (
		<DoorFrame onLeave={onLeave}>
			<section className={classes.card} data-testid="doorstep">
				<h1>{session.title}</h1>
				<p>
					{formatDay(session.starts_at_us, i18n.language)},{" "}
					<span className="fig">
						{formatTime(session.starts_at_us)}–{formatTime(session.ends_at_us)}
					</span>
					. {session.convening_unit.name}.
				</p>
				<div className={classes.clock}>
					<IconClock size={32} stroke={1.9} aria-hidden="true" />
					<div>
						<b>
							{sameDay(opensAt, now)
								? tPages("session.opensAt", { time: formatTime(opensAt) })
								: tPages("session.opensOn", {
										time: formatTime(opensAt),
										date: formatDate(opensAt),
									})}
						</b>
						<p>
							{t("door.left")}{" "}
							<span className="fig" data-testid="countdown">
								{left < dayUs
									? formatCountdown(left)
									: sayDuration(tPages, left)}
							</span>
						</p>
					</div>
				</div>
				<p>{t(checked ? "door.goesIn" : "door.goesOn")}</p>
				<RecordingNotice
					automatic={session.auto_record}
					keptUntilUs={keptUntilUs(session)}
				/>
				<Button size="lg" onClick={onCheck}>
					{t("door.check")}
				</Button>
			</section>
		</DoorFrame>
	);
}
