import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { formatBytes, formatClock, formatDate, formatDateTime } from "@/format";
import { Card, Loaded, Page } from "@/kit";
import type { Recording } from "@/protocol/generated/Recording";
import { useServer } from "@/session";
import {
	ComposeAgain,
	mayComposeAgain,
	RecordingState,
} from "@/shared/recording/RecordingRow";
import { recordingQuery } from "./api";
import { Player } from "./Player";
import classes from "./Replay.module.css";

/** One recording: the player, or how far its file is, asked every three seconds. */
export function Replay() {
	const { t } = useTranslation();
	const { id } = useParams({ from: "/known/shell/recordings/$id" });
	const server = useServer();
	const query = useQuery(recordingQuery(server, id));
	return (
		<Loaded
			query={query}
			what={t("replay.what")}
			frame={(waiting) => (
				<Page title={t("replay.title")}>
					<Card>{waiting}</Card>
				</Page>
			)}
		>
			{(recording) => <ReplayView recording={recording} />}
		</Loaded>
	);
}

function ReplayView({ recording }: { recording: Recording }) {
	const { t } = useTranslation();
	return (
		<Page
			pictureFirst
			title={recording.title}
			lead={t("replay.lead", { date: formatDate(recording.started_at_us) })}
		>
			<div className={classes.columns}>
				{recording.state === "ready" && recording.media_url !== null ? (
					<Player
						key={recording.media_url}
						src={recording.media_url}
						title={recording.title}
						durationSeconds={(recording.duration_us ?? 0) / 1_000_000}
					/>
				) : (
					<Card className={classes.waiting}>
						<RecordingState recording={recording} />
						<WhyNotYet recording={recording} />
						{mayComposeAgain(recording) && <ComposeAgain id={recording.id} />}
					</Card>
				)}
				<aside className={classes.side} aria-label={t("replay.facts")}>
					<Card className={classes.facts}>
						<dl>
							<dt>{t("replay.session")}</dt>
							<dd>
								<Link to="/s/$code" params={{ code: recording.session }}>
									{recording.title}
								</Link>
							</dd>
							<dt>{t("replay.started")}</dt>
							<dd className="fig">{formatDateTime(recording.started_at_us)}</dd>
							{recording.duration_us !== null && (
								<>
									<dt>{t("replay.duration")}</dt>
									<dd className="fig">
										{formatClock(recording.duration_us / 1_000_000)}
									</dd>
								</>
							)}
							{recording.bytes !== null && (
								<>
									<dt>{t("replay.size")}</dt>
									<dd className="fig">{formatBytes(recording.bytes)}</dd>
								</>
							)}
							{recording.keep_until_us !== null && (
								<>
									<dt>{t("replay.kept")}</dt>
									<dd className="fig">{formatDate(recording.keep_until_us)}</dd>
								</>
							)}
						</dl>
					</Card>
					{recording.media_url !== null && <Keys />}
				</aside>
			</div>
		</Page>
	);
}

/** Why there is nothing to play, and what comes next. */
function WhyNotYet({ recording }: { recording: Recording }) {
	const { t } = useTranslation();
	const { failure, state, may_view } = recording;
	if (failure === null) {
		return (
			<p>
				{may_view ? t(`replay.waiting.${state}`) : t("recording.healthOnly")}
			</p>
		);
	}
	return (
		<>
			<p>{t(`replay.failure.${failure}`)}</p>
			{state === "failed" ? (
				<p className={classes.code}>{t("kit.code", { code: failure })}</p>
			) : (
				<p>{t("replay.triesAgain")}</p>
			)}
		</>
	);
}

/** The player's keys, for those who would rather not aim. */
function Keys() {
	const { t } = useTranslation();
	const keys = [
		["K", t("replay.keys.play")],
		["← →", t("replay.keys.seek", { seconds: 5 })],
		["J L", t("replay.keys.seek", { seconds: 10 })],
		["< >", t("replay.keys.speed")],
		["M", t("replay.keys.mute")],
		["F", t("replay.keys.fullscreen")],
	] as const;
	return (
		<Card className={classes.keys}>
			<h2>{t("replay.keys.title")}</h2>
			<dl>
				{keys.map(([key, meaning]) => (
					<div key={key}>
						<dt>
							<kbd className="fig">{key}</kbd>
						</dt>
						<dd>{meaning}</dd>
					</div>
				))}
			</dl>
		</Card>
	);
}
