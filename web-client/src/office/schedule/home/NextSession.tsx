import { IconFileText } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { formatTime, sayDuration } from "@/format";
import { ButtonLink, Tag } from "@/kit";
import type { Session } from "@/protocol/generated/Session";
import { useServer } from "@/session";
import { may, useMe } from "@/session/useMe";
import { pointStatusQuery } from "@/shared/point/api";
import classes from "./NextSession.module.css";
import { SeatStrip } from "./SeatStrip";

/** The session at hand: when, what, how its points do, and one large key. */
export function NextSession({
	session,
	now,
}: {
	session: Session;
	now: number;
}) {
	const { t } = useTranslation();
	const server = useServer();
	const me = useMe();
	const live = session.state === "live";
	const { data: status } = useQuery({
		...pointStatusQuery(server),
		enabled: may(me, "open_monitor") && live,
	});
	const ahead = session.starts_at_us - now;
	const mayEnter = session.may.includes("enter_room");
	const goesIn = mayEnter && session.state !== "planned";

	return (
		<section
			className={classes.next}
			data-live={live || undefined}
			aria-label={session.title}
		>
			<div className={classes.time}>
				<span className="fig">{formatTime(session.starts_at_us)}</span>
				<p>{t("session.until", { time: formatTime(session.ends_at_us) })}</p>
				{live && now > session.ends_at_us && (
					<p>
						{t("home.overtime", {
							time: sayDuration(t, now - session.ends_at_us),
						})}
					</p>
				)}
				<p>
					<b>
						{live
							? t("state.live")
							: ahead > 0
								? t("home.in", { time: sayDuration(t, ahead) })
								: t("home.due")}
					</b>
				</p>
			</div>
			<div className={classes.body}>
				<h2>{session.title}</h2>
				<p>{session.convening_unit.name}</p>
				<p className={classes.tags}>
					<Tag>{t(`kind.${session.kind}`)}</Tag>
					{session.my_role && (
						<Tag tone="info">{t(`sessionRole.${session.my_role}`)}</Tag>
					)}
					<span>{whoIsThere()}</span>
				</p>
				{session.invited.length > 0 && (
					<div className={classes.points}>
						<p>{t("session.pointCount", { count: session.invited.length })}</p>
						<SeatStrip
							points={session.invited}
							status={status}
							session={session.code}
						/>
					</div>
				)}
			</div>
			<div className={classes.actions}>
				<Link
					to={goesIn ? "/s/$code/room" : "/s/$code"}
					params={{ code: session.code }}
					className={classes.go}
				>
					<b>
						{!goesIn
							? t("session.details")
							: session.my_role === "chair"
								? t("session.chair")
								: session.kind === "training"
									? t("session.attend")
									: t("session.join")}
					</b>
					<span>{whoIsThere()}</span>
				</Link>
				{goesIn && (
					<ButtonLink
						to="/s/$code"
						params={{ code: session.code }}
						leftSection={
							<IconFileText size={20} stroke={1.9} aria-hidden="true" />
						}
					>
						{t("session.details")}
					</ButtonLink>
				)}
			</div>
		</section>
	);

	function whoIsThere(): string {
		return live
			? t("session.present", { count: session.present })
			: session.state === "open"
				? t("session.openEmpty", { time: formatTime(session.opens_at_us) })
				: t("session.opensAt", { time: formatTime(session.opens_at_us) });
	}
}
