import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { formatDay, formatTime, startOfDay } from "@/format";
import {
	ButtonLink,
	Card,
	Empty,
	Loaded,
	Section,
	useDocumentTitle,
	useShown,
} from "@/kit";
import type { Session } from "@/protocol/generated/Session";
import { useServer } from "@/session";
import { may, useMe } from "@/session/useMe";
import { useNow } from "@/session/useNow";
import { sessionsQuery } from "../api";
import { arrange } from "./arrange";
import classes from "./Home.module.css";
import { NextSession } from "./NextSession";
import { SessionRow } from "./SessionRow";

/** How far the page looks back for recordings and ahead for sessions, in days. */
const daysBack = 14;
const daysAhead = 15;

/** Today: the session at hand with one large key, the others of the day, the days that follow, what can be replayed. */
export function Home() {
	const { t, i18n } = useTranslation();
	const server = useServer();
	const me = useMe();
	const now = useNow(10_000);
	useDocumentTitle(t("home.title"));
	const query = useQuery(
		sessionsQuery(
			server,
			startOfDay(now, -daysBack),
			startOfDay(now, daysAhead),
		),
	);
	const shown = useShown();
	const { at, today, later, replay } = arrange(shown(query) ?? [], now);
	const chaired = [at, ...today].filter(
		(session) => session?.my_role === "chair",
	).length;
	const count = today.length + (at === undefined ? 0 : 1);

	return (
		<div className={classes.page}>
			<div className={classes.day}>
				<h1>{formatDay(now, i18n.language)}</h1>
				{count > 0 && (
					<p>
						{t("home.count", { count })}
						{chaired > 0 && `, ${t("home.chaired", { count: chaired })}`}
					</p>
				)}
				<time className="fig">{formatTime(now)}</time>
			</div>
			<Loaded
				query={query}
				what={t("home.sessions")}
				frame={(waiting) => <Card>{waiting}</Card>}
			>
				{() => (
					<>
						{at === undefined ? (
							<Card>
								<Empty
									title={t(count === 0 ? "home.emptyTitle" : "home.overTitle")}
									action={
										may(me, "plan_sessions") ? (
											<ButtonLink to="/sessions/new" variant="filled">
												{t("create.title")}
											</ButtonLink>
										) : undefined
									}
								>
									{t("home.emptyText")}
								</Empty>
							</Card>
						) : (
							<NextSession session={at} now={now} />
						)}
						<div className={classes.columns}>
							<div className={classes.column}>
								{today.length > 0 && (
									<Section title={t("home.today")}>
										<Rows sessions={today} />
									</Section>
								)}
								<Section title={t("home.later")}>
									{later.length === 0 ? (
										<Card className={classes.none}>{t("home.laterEmpty")}</Card>
									) : (
										later.map(({ day, sessions }) => (
											<div key={day} className={classes.group}>
												<h3>{formatDay(day, i18n.language)}</h3>
												<Rows sessions={sessions} />
											</div>
										))
									)}
								</Section>
							</div>
							<Section title={t("home.replay")}>
								{replay.length === 0 ? (
									<Card className={classes.none}>{t("home.replayEmpty")}</Card>
								) : (
									<Rows sessions={replay} dated />
								)}
							</Section>
						</div>
					</>
				)}
			</Loaded>
		</div>
	);
}

function Rows({ sessions, dated }: { sessions: Session[]; dated?: boolean }) {
	return (
		<Card>
			<ul>
				{sessions.map((session) => (
					<SessionRow
						key={session.code}
						session={session}
						dated={dated ?? false}
					/>
				))}
			</ul>
		</Card>
	);
}
