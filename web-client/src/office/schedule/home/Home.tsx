import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
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
import { conveningUnits } from "./filter";
import classes from "./Home.module.css";
import { ListFilter } from "./ListFilter";
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
	const filter = useSearch({ from: "/known/shell/" });
	const navigate = useNavigate({ from: "/" });
	const from = startOfDay(now, -daysBack);
	const to = startOfDay(now, daysAhead);
	const every = useQuery(sessionsQuery(server, from, to));
	const query = useQuery(sessionsQuery(server, from, to, filter));
	const shown = useShown();
	const all = shown(every) ?? [];
	// Where to go now does not depend on what somebody looks for.
	const { at, today, later, replay } = arrange(shown(query) ?? [], now, all);
	const units = conveningUnits(all);
	const isFiltered = filter.kind !== undefined || filter.unit !== undefined;
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
						{(isFiltered || all.length > 1) && (
							<ListFilter
								filter={filter}
								units={units}
								onChange={(search) => navigate({ search, replace: true })}
							/>
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
										<Card className={classes.none}>
											{t(isFiltered ? "home.noneOfThese" : "home.laterEmpty")}
										</Card>
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
									<Card className={classes.none}>
										{t(isFiltered ? "home.noneOfThese" : "home.replayEmpty")}
									</Card>
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
