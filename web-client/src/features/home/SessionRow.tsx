import { useTranslation } from "react-i18next";
import { formatDate, formatTime } from "@/format";
import type { Session } from "@/protocol/generated/Session";
import { ButtonLink, Tag } from "@/ui";
import classes from "./Home.module.css";

/** One session on a line: when, what, its role for this person, one action. */
export function SessionRow({
	session,
	now,
	dated,
}: {
	session: Session;
	now: number;
	/** Whether the date stands with the time, for lists that cross days. */
	dated: boolean;
}) {
	const { t } = useTranslation();
	const minutes = Math.round(
		(session.ends_at_us - session.starts_at_us) / 60_000_000,
	);
	const cancelled = session.state === "cancelled";
	const joinable =
		session.my_role !== null &&
		(session.state === "live" ||
			(session.state === "planned" &&
				session.starts_at_us - now < 30 * 60_000_000));
	const replay = session.state === "ended" && session.has_recording;

	return (
		<li className={classes.row} data-cancelled={cancelled || undefined}>
			<div className={classes.when}>
				<span className="fig">{formatTime(session.starts_at_us)}</span>
				<small>
					{dated
						? formatDate(session.starts_at_us)
						: t("home.minutes", { count: minutes })}
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
					{session.state === "live" && <Tag tone="bad">{t("state.live")}</Tag>}
					{session.state === "ended" && !dated && <Tag>{t("state.ended")}</Tag>}
					{cancelled && <Tag>{t("state.cancelled")}</Tag>}
					{session.my_role && session.state !== "ended" && (
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
				aria-label={`${t(joinable ? "session.join" : replay ? "session.replay" : "home.details")}: ${session.title}`}
			>
				{joinable
					? t("session.join")
					: replay
						? t("session.replay")
						: t("home.details")}
			</ButtonLink>
		</li>
	);
}
