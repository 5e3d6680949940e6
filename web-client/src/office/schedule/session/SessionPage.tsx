import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import {
	Banner,
	Card,
	Empty,
	Loaded,
	Page,
	Section,
	useDocumentTitle,
} from "@/kit";
import type { Session } from "@/protocol/generated/Session";
import { useServer } from "@/session";
import { useNow } from "@/session/useNow";
import { sessionRecordingsQuery } from "@/shared/recording/api";
import { RecordingRow } from "@/shared/recording/RecordingRow";
import { sessionQuery } from "@/shared/session/api";
import { officersQuery } from "../api";
import { parts } from "../officers/chosen";
import { Attendance, Points } from "./Attendance";
import { Head } from "./Head";
import { History } from "./History";
import { Links } from "./Links";
import classes from "./SessionPage.module.css";

/** One session: when, who, the way in, what was recorded, and the links to give away; afterwards who was there. */
export function SessionPage() {
	const { t } = useTranslation();
	const { code } = useParams({ from: "/known/shell/s/$code" });
	const server = useServer();
	const query = useQuery(sessionQuery(server, code));
	return (
		<Loaded
			query={query}
			what={t("sessionPage.title").toLowerCase()}
			frame={(waiting) => (
				<Page title={t("sessionPage.title")}>
					<Card>{waiting}</Card>
				</Page>
			)}
		>
			{(session) => <SessionView session={session} />}
		</Loaded>
	);
}

function SessionView({ session }: { session: Session }) {
	const { t } = useTranslation();
	const now = useNow(10_000);
	useDocumentTitle(session.title);
	const { state, may } = session;
	const ahead = state === "planned" || state === "open" || state === "live";

	return (
		<div className={classes.page}>
			<Head session={session} now={now} />
			<div
				className={classes.columns}
				data-over={state === "ended" || undefined}
			>
				<div className={classes.column}>
					{!may.includes("enter_room") && ahead && (
						<Banner tone="info">{t("session.notInvited")}</Banner>
					)}
					{state === "cancelled" && (
						<Banner tone="info">
							{t("sessionPage.cancelled")}
							{session.cancel_reason !== null &&
								` ${t("notices.reason", { reason: session.cancel_reason })}`}
						</Banner>
					)}
					{state === "lapsed" && (
						<Banner tone="info">{t("sessionPage.lapsed")}</Banner>
					)}
					{state === "ended" && may.includes("view_attendance") ? (
						<Attendance session={session} />
					) : (
						<Points session={session} />
					)}
				</div>
				<div className={classes.column}>
					<InCharge session={session} />
					{may.includes("inspect_recordings") && state !== "lapsed" && (
						<Recordings session={session} />
					)}
					{may.includes("manage_links") && (
						<Links session={session} ahead={ahead} />
					)}
					{may.includes("view_history") && <History session={session} />}
				</div>
			</div>
		</div>
	);
}

/** Who convenes, presides and writes down, and what is kept of it. */
function InCharge({ session }: { session: Session }) {
	const { t } = useTranslation();
	const server = useServer();
	const officers = useQuery(officersQuery(server, session.code));
	const nobody = (
		<span className={classes.nobody}>{t("sessionPage.nobody")}</span>
	);
	return (
		<Section title={t("sessionPage.inCharge")}>
			<Card className={classes.facts}>
				<dl>
					<dt>{t("sessionPage.convenes")}</dt>
					<dd>{session.convening_unit.name}</dd>
					{parts.map((part) => {
						const named = (officers.data ?? []).filter(
							(one) => one.part === part,
						);
						const isShown =
							named.length > 0 || part === "chair" || part === "secretary";
						return isShown ? (
							<Fragment key={part}>
								<dt>{t(`officers.part.${part}`)}</dt>
								<dd>
									{officers.isSuccess && named.length === 0 && nobody}
									{named.map(({ person, name, position }) => (
										<p key={person}>
											{name} {position && <small>{position}</small>}
										</p>
									))}
								</dd>
							</Fragment>
						) : null;
					})}
					<dt>{t("create.secrecy")}</dt>
					<dd>{t(`create.secrecies.${session.secrecy}`)}</dd>
					<dt>{t("recording.title")}</dt>
					<dd>
						{t(
							session.auto_record
								? "sessionPage.recorded"
								: "sessionPage.mayRecord",
						)}
						{session.keep_days !== null &&
							`, ${t("sessionPage.keptDays", { count: session.keep_days })}`}
						{session.guests_may_replay &&
							`, ${t("sessionPage.guestsMayReplay")}`}
					</dd>
				</dl>
			</Card>
		</Section>
	);
}

/** Recordings of the session, each with its state; asked again while one is in the making. */
function Recordings({ session }: { session: Session }) {
	const { t } = useTranslation();
	const server = useServer();
	const query = useQuery(sessionRecordingsQuery(server, session.code));
	return (
		<Section title={t("recording.title")}>
			<Card>
				<Loaded query={query} what={t("recording.what")} rows={1}>
					{(recordings) =>
						recordings.length === 0 ? (
							<Empty title={t("recording.empty")}>
								{session.state === "ended"
									? t("recording.emptyEnded")
									: session.auto_record
										? t("recording.emptyAutomatic")
										: t("recording.emptyText")}
							</Empty>
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
