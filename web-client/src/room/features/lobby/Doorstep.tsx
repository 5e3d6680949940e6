import { Button } from "@mantine/core";
import { IconClock, IconDoorOff } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import {
	formatCountdown,
	formatDate,
	formatDay,
	formatTime,
	sameDay,
	sayDuration,
} from "@/format";
import { LanguageSwitch } from "@/i18n/LanguageSwitch";
import { Mark } from "@/kit";
import type { Session } from "@/protocol/generated/Session";
import { useNow } from "@/session/useNow";
import { RecordingNotice } from "@/shared/session/RecordingNotice";
import classes from "./Doorstep.module.css";

const minuteUs = 60_000_000;

/** When a recording of the session, begun as planned, is deleted; `null` for never. */
export const keptUntilUs = (session: Session): number | null =>
	session.keep_days === null
		? null
		: session.starts_at_us + session.keep_days * 1_440 * minuteUs;

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
		<Frame onLeave={onLeave}>
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
								{left < 1_440 * minuteUs
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
		</Frame>
	);
}

/** What keeps this person out of a room for good; nothing when it will let them in. */
export function shutFor({ state, may }: Session): Shut | null {
	if (state === "ended") return "over";
	if (state === "lapsed" || state === "cancelled") return state;
	return may.includes("enter_room") ? null : "notInvited";
}

type Shut = "over" | "lapsed" | "cancelled" | "notInvited";

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
		<Frame onLeave={onLeave}>
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
		</Frame>
	);
}

function Frame({
	onLeave,
	children,
}: {
	onLeave: () => void;
	children: React.ReactNode;
}) {
	const { t } = useTranslation("room");
	return (
		<div className={classes.page} data-mantine-color-scheme="light">
			<header className={classes.top}>
				<Mark width={36} />
				<b>{t("product")}</b>
				<LanguageSwitch ground="dark" />
				<button type="button" className={classes.out} onClick={onLeave}>
					{t("door.page")}
				</button>
			</header>
			<main>{children}</main>
		</div>
	);
}
