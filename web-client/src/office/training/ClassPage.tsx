import { IconBroadcast, IconHome } from "@tabler/icons-react";
import { useQueries, useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { formatDay, formatHours, formatTime, sameDay } from "@/format";
import { ButtonLink, Card, Loaded, Page, Section, Tag, useShown } from "@/kit";
import type { ClassModule } from "@/protocol/generated/ClassModule";
import type { Session } from "@/protocol/generated/Session";
import type { TrainingClass } from "@/protocol/generated/TrainingClass";
import { useServer } from "@/session";
import { useNow } from "@/session/useNow";
import { sessionRecordingsQuery } from "@/shared/recording/api";
import { RecordingRow } from "@/shared/recording/RecordingRow";
import { timesOf } from "@/shared/session/times";
import { stateTones } from "@/shared/session/tones";
import { classQuery } from "./api";
import classes from "./ClassPage.module.css";
import { nextSession } from "./nextSession";

/** One class: its modules, its sessions, what was recorded, and the way into the next session. */
export function ClassPage() {
	const { t } = useTranslation();
	const { code } = useParams({ from: "/known/shell/classes/$code" });
	const server = useServer();
	const query = useQuery(classQuery(server, code));
	return (
		<Loaded
			query={query}
			what={t("classes.oneWhat")}
			frame={(waiting) => (
				<Page title={t("classes.title")}>
					<Card>{waiting}</Card>
				</Page>
			)}
		>
			{(one) => <ClassView one={one} />}
		</Loaded>
	);
}

function ClassView({ one }: { one: TrainingClass }) {
	const { t } = useTranslation();
	const next = nextSession(one);
	return (
		<>
			<Page
				title={one.title}
				lead={t("classes.lead", {
					code: one.code,
					count: one.enrolled,
					unit: one.unit.name,
					year: one.year,
				})}
			>
				<div className={classes.columns}>
					<div className={classes.column}>
						<Section
							title={t("classes.moduleCount", { count: one.modules.length })}
						>
							<Card>
								<ol>
									{one.modules.map((module, index) => (
										<ModuleRow
											key={module.title}
											number={index + 1}
											module={module}
										/>
									))}
								</ol>
							</Card>
						</Section>
						<Section
							title={t("classes.sessionCount", { count: one.sessions.length })}
						>
							<Card>
								<ul>
									{one.sessions.map((session) => (
										<SessionLine key={session.code} session={session} />
									))}
								</ul>
							</Card>
						</Section>
					</div>
					<div className={classes.column}>
						<Section title={t("classes.next")}>
							{next === undefined ? (
								<Card className={classes.none}>{t("classes.noNext")}</Card>
							) : (
								<NextLesson session={next} />
							)}
						</Section>
						<Recordings sessions={one.sessions} />
					</div>
				</div>
			</Page>
			{next !== undefined && (
				<div className={classes.stick}>
					<LessonKey session={next} fullWidth />
				</div>
			)}
		</>
	);
}

function ModuleRow({
	number,
	module,
}: {
	number: number;
	module: ClassModule;
}) {
	const { t } = useTranslation();
	const ModeIcon = module.mode === "live" ? IconBroadcast : IconHome;
	return (
		<li className={classes.module}>
			<span className={`fig ${classes.number}`}>{number}</span>
			<h3>{module.title}</h3>
			<span className={classes.mode}>
				<ModeIcon size={20} stroke={1.9} aria-hidden="true" />
				{t(`classes.mode.${module.mode}`)}
			</span>
			<span className={classes.hours}>
				<span className="fig">{formatHours(module.hours)}</span>{" "}
				{t("classes.hourUnit")}
			</span>
		</li>
	);
}

function SessionLine({ session }: { session: Session }) {
	const { t, i18n } = useTranslation();
	const { fromUs, toUs } = timesOf(session);
	return (
		<li className={classes.session}>
			<div>
				<h3>{session.title}</h3>
				<p>
					{formatDay(fromUs, i18n.language)},{" "}
					<span className="fig">
						{formatTime(fromUs)}–{formatTime(toUs)}
					</span>
				</p>
			</div>
			<Tag tone={stateTones[session.state]}>{t(`state.${session.state}`)}</Tag>
			<ButtonLink
				to="/s/$code"
				params={{ code: session.code }}
				size="sm"
				aria-label={`${t("session.details")}: ${session.title}`}
			>
				{t("session.details")}
			</ButtonLink>
		</li>
	);
}

function NextLesson({ session }: { session: Session }) {
	const { t, i18n } = useTranslation();
	const now = useNow(30_000);
	return (
		<article
			className={classes.next}
			data-live={session.state === "live" || undefined}
		>
			<div className={classes.nextTime}>
				<span>
					{session.state === "live"
						? t("state.live")
						: sameDay(session.starts_at_us, now)
							? t("classes.today")
							: formatDay(session.starts_at_us, i18n.language)}
				</span>
				<span className="fig">{formatTime(session.starts_at_us)}</span>
			</div>
			<div className={classes.nextBody}>
				<h3>{session.title}</h3>
				<p>{t("session.until", { time: formatTime(session.ends_at_us) })}</p>
			</div>
			<LessonKey session={session} className={classes.go} />
		</article>
	);
}

/** The key into a lesson, or to its page while the room is shut or this person has no part in it. */
function LessonKey({
	session,
	...look
}: {
	session: Session;
	fullWidth?: boolean;
	className?: string;
}) {
	const { t } = useTranslation();
	const mayEnter = session.may.includes("enter_room");
	const goesIn = mayEnter && session.state !== "planned";
	return (
		<ButtonLink
			to={goesIn ? "/s/$code/room" : "/s/$code"}
			params={{ code: session.code }}
			variant="filled"
			size="lg"
			{...look}
		>
			{goesIn
				? t("session.attend")
				: mayEnter
					? t("session.opensAt", { time: formatTime(session.opens_at_us) })
					: t("session.details")}
		</ButtonLink>
	);
}

/** Recordings of all sessions of the class, latest first. */
function Recordings({ sessions }: { sessions: Session[] }) {
	const { t } = useTranslation();
	const server = useServer();
	const recorded = sessions.filter(
		({ has_recording, may }) =>
			has_recording && may.includes("inspect_recordings"),
	);
	const queries = useQueries({
		queries: recorded.map(({ code }) => sessionRecordingsQuery(server, code)),
	});
	const shown = useShown();
	// Shown when all are there; until then the first that is not is waited for.
	const missing = queries.find((query) => shown(query) === undefined);
	const together = {
		data: queries
			.flatMap((query) => shown(query) ?? [])
			.sort((a, b) => b.started_at_us - a.started_at_us),
		error: null,
		isPending: false,
		refetch: () => undefined,
	};
	return (
		<Section title={t("recording.title")}>
			<Card>
				<Loaded query={missing ?? together} what={t("recording.what")} rows={1}>
					{(recordings) =>
						recordings.length === 0 ? (
							<p className={classes.none}>{t("recording.emptyText")}</p>
						) : (
							<ul>
								{recordings.map((recording) => (
									<RecordingRow key={recording.id} recording={recording} />
								))}
							</ul>
						)
					}
				</Loaded>
			</Card>
		</Section>
	);
}
