import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { formatDay, formatTime, startOfDay } from "@/format";
import {
	Banner,
	ButtonLink,
	Card,
	Empty,
	Loaded,
	useDocumentTitle,
	useShown,
} from "@/kit";
import { useServer } from "@/session";
import { useOpenGuide } from "@/session/useGuide";
import { may, useMe } from "@/session/useMe";
import { useNow } from "@/session/useNow";
import { sessionsQuery } from "../api";
import { arrange } from "./arrange";
import classes from "./Home.module.css";
import { Lists } from "./Lists";
import { NextSession } from "./NextSession";
import { Notices } from "./Notices";

/** How far the page looks back for recordings and ahead for sessions, in days. */
const daysBack = 14;
const daysAhead = 15;

/** The way on for whoever sets the installation up, as long as something is left. */
function FirstDay() {
	const { t } = useTranslation();
	const guide = useOpenGuide();
	if (guide === null) return null;
	const done = guide.steps.filter((step) => step.is_done).length;
	return (
		<div className={classes.guide}>
			<Banner
				tone="info"
				action={
					<ButtonLink to="/guide" size="sm">
						{t("home.guideKey")}
					</ButtonLink>
				}
			>
				{t("home.guide", { done, count: guide.steps.length })}
			</Banner>
		</div>
	);
}

/** Today: the session at hand with one large key, the others of the day, the days that follow, what can be replayed. */
export function Home() {
	const { t, i18n } = useTranslation();
	const server = useServer();
	const me = useMe();
	const now = useNow(10_000);
	useDocumentTitle(t("home.title"));
	const fromUs = startOfDay(now, -daysBack);
	const toUs = startOfDay(now, daysAhead);
	const query = useQuery({
		...sessionsQuery(server, fromUs, toUs),
		// At midnight the question is another one.
		placeholderData: keepPreviousData,
	});
	const { at, today } = arrange(useShown()(query) ?? [], now);
	const ofToday = at === undefined ? today : [at, ...today];
	const count = ofToday.length;
	const chaired = ofToday.filter(({ my_role }) => my_role === "chair").length;

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
			<Notices />
			<FirstDay />
			<Loaded
				query={query}
				what={t("home.sessions")}
				frame={(waiting) => <Card>{waiting}</Card>}
			>
				{(all) => (
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
						<Lists all={all} now={now} fromUs={fromUs} toUs={toUs} />
					</>
				)}
			</Loaded>
		</div>
	);
}
