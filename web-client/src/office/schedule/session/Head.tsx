import { Button } from "@mantine/core";
import { IconClock, IconPrinter } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import {
	formatDate,
	formatTime,
	formatWeekday,
	sameDay,
	sayDuration,
} from "@/format";
import { ButtonLink, Tag } from "@/kit";
import type { Session } from "@/protocol/generated/Session";
import { timesOf } from "@/shared/session/times";
import { stateTones } from "@/shared/session/tones";
import { ChangeKeys } from "../change/ChangeKeys";
import classes from "./Head.module.css";

/** The head of a session's page: its time (as planned, afterwards as it was), what and whose it is, and the one thing to do. */
export function Head({ session, now }: { session: Session; now: number }) {
	const { t, i18n } = useTranslation();
	const { state } = session;
	const { fromUs: from, toUs: to, took } = timesOf(session);
	const ahead = session.starts_at_us - now;
	const planned = t("sessionPage.planned", {
		from: formatTime(session.starts_at_us),
		to: formatTime(session.ends_at_us),
	});

	return (
		<header className={classes.head} data-state={state}>
			<div className={classes.time}>
				<p className="fig">
					{took || ahead <= 0
						? `${formatTime(from)}–${formatTime(to)}`
						: formatTime(from)}
				</p>
				<p>
					{formatWeekday(from, i18n.language)}, {formatDate(from)}
				</p>
				<p>
					{took
						? sayDuration(t, to - from)
						: ahead > 0 && state !== "cancelled"
							? `${t("session.until", { time: formatTime(to) })}, ${t("home.in", { time: sayDuration(t, ahead) })}`
							: sayDuration(t, to - from)}
				</p>
			</div>
			<div className={classes.what}>
				<h1>{session.title}</h1>
				<p>
					{t("sessionRole.chair")}:{" "}
					<b>{session.chair ?? t("sessionPage.nobody")}</b>.{" "}
					{t("sessionRole.secretary")}:{" "}
					<b>{session.secretary ?? t("sessionPage.nobody")}</b>.
				</p>
				<p>
					{t(`kind.${session.kind}`)}
					{session.invited.length > 0 &&
						`, ${t("session.pointCount", { count: session.invited.length })}`}
					. {t("sessionPage.code", { code: session.code })}.
					{took && ` ${planned}.`}
				</p>
				<p className={classes.tags}>
					<Tag tone={stateTones[state]}>{t(`state.${state}`)}</Tag>
					{session.my_role && (
						<span className={classes.mine}>
							<Tag tone="info">{t(`sessionRole.${session.my_role}`)}</Tag>
						</span>
					)}
				</p>
			</div>
			<div className={classes.actions}>
				<WayIn session={session} now={now} />
				<ChangeKeys session={session} now={now} />
				{(state === "ended" || state === "lapsed") && (
					<Button
						onClick={() => window.print()}
						leftSection={
							<IconPrinter size={20} stroke={1.9} aria-hidden="true" />
						}
					>
						{t("sessionPage.print")}
					</Button>
				)}
			</div>
		</header>
	);
}

/** The key into the room, or when it opens. */
function WayIn({ session, now }: { session: Session; now: number }) {
	const { t } = useTranslation();
	if (!session.may.includes("enter_room")) return null;
	switch (session.state) {
		case "planned":
			return (
				<>
					<p className={classes.shut}>
						<IconClock size={20} stroke={1.9} aria-hidden="true" />
						{sameDay(session.opens_at_us, now)
							? t("session.opensAt", { time: formatTime(session.opens_at_us) })
							: t("session.opensOn", {
									time: formatTime(session.opens_at_us),
									date: formatDate(session.opens_at_us),
								})}
					</p>
					<ButtonLink to="/s/$code/room" params={{ code: session.code }}>
						{t("sessionPage.waitAtDoor")}
					</ButtonLink>
				</>
			);
		case "open":
		case "live":
			return (
				<>
					<ButtonLink
						to="/s/$code/room"
						params={{ code: session.code }}
						variant="filled"
						size="lg"
						className={classes.go}
					>
						{session.my_role === "chair"
							? t("session.chair")
							: session.kind === "training"
								? t("session.attend")
								: t("session.join")}
					</ButtonLink>
					<p className={classes.there}>
						{session.state === "live"
							? t("session.present", { count: session.present })
							: t("session.openEmpty", {
									time: formatTime(session.opens_at_us),
								})}
					</p>
				</>
			);
		case "ended":
		case "lapsed":
		case "cancelled":
			return null;
	}
}
