import { useTranslation } from "react-i18next";
import { formatDate, formatTime, sayDuration } from "@/format";
import { ButtonLink, Tag } from "@/kit";
import type { Session } from "@/protocol/generated/Session";
import { timesOf } from "@/shared/session/times";
import { stateTones } from "@/shared/session/tones";
import { canReplay } from "./arrange";
import classes from "./Home.module.css";

/** One session on a line: when, what, its role for this person, one action. */
export function SessionRow({
	session,
	dated,
}: {
	session: Session;
	/** Whether the date stands with the time, for lists that cross days. */
	dated: boolean;
}) {
	const { t } = useTranslation();
	const { state } = session;
	const { fromUs, toUs } = timesOf(session);
	const off = state === "cancelled" || state === "lapsed";
	const joinable =
		session.may.includes("enter_room") &&
		(state === "live" || state === "open");
	const replay = canReplay(session);

	return (
		<li className={classes.row} data-cancelled={off || undefined}>
			<div className={classes.when}>
				<span className="fig">{formatTime(fromUs)}</span>
				<small>
					{dated ? formatDate(fromUs) : sayDuration(t, toUs - fromUs)}
				</small>
			</div>
			<div className={classes.what}>
				<h3>{session.title}</h3>
				<p>
					<span>
						{t(`kind.${session.kind}`)}
						{session.invited.length > 0 &&
							`, ${t("session.pointCount", { count: session.invited.length })}`}
					</span>
					{state !== "planned" && !(state === "ended" && dated) && (
						<Tag tone={stateTones[state]}>{t(`state.${state}`)}</Tag>
					)}
					{session.my_role && state !== "ended" && !off && (
						<Tag tone={session.my_role === "chair" ? "info" : "none"}>
							{t(`sessionRole.${session.my_role}`)}
						</Tag>
					)}
				</p>
			</div>
			<ButtonLink
				to={joinable ? "/s/$code/room" : "/s/$code"}
				params={{ code: session.code }}
				size="sm"
				aria-label={`${t(joinable ? "session.join" : replay ? "recording.replay" : "session.details")}: ${session.title}`}
			>
				{joinable
					? t("session.join")
					: replay
						? t("recording.replay")
						: t("session.details")}
			</ButtonLink>
		</li>
	);
}
