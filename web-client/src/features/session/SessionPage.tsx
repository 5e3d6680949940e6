import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { sessionQuery, sessionRecordingsQuery, useApi } from "@/api";
import { formatDay, formatTime } from "@/format";
import type { Session } from "@/protocol/generated/Session";
import {
	Banner,
	ButtonLink,
	Card,
	Empty,
	Failure,
	Loading,
	Page,
	RecordingRow,
	Section,
	Tag,
	type Tone,
} from "@/ui";
import { Links } from "./Links";
import classes from "./SessionPage.module.css";

/** One session: when, who, the way in, what was recorded, and the links to give away. */
export function SessionPage() {
	const { t } = useTranslation();
	const { code } = useParams({ from: "/known/shell/s/$code" });
	const api = useApi();
	const query = useQuery(sessionQuery(api, code));

	if (query.isPending) {
		return (
			<Page title={t("session.title")}>
				<Card>
					<Loading what={t("session.title").toLowerCase()} />
				</Card>
			</Page>
		);
	}
	if (query.isError) {
		return (
			<Page title={t("session.title")}>
				<Card>
					<Failure
						what={t("session.title").toLowerCase()}
						error={query.error}
						onRetry={() => void query.refetch()}
					/>
				</Card>
			</Page>
		);
	}
	return <SessionView session={query.data} />;
}

function SessionView({ session }: { session: Session }) {
	const { t, i18n } = useTranslation();
	const open = session.state === "live" || session.state === "planned";
	const mayInvite = open && session.may.includes("manage_links");

	return (
		<Page
			title={session.title}
			lead={
				<>
					{formatDay(session.starts_at_us, i18n.language)},{" "}
					<span className="fig">
						{formatTime(session.starts_at_us)}–{formatTime(session.ends_at_us)}
					</span>
					. {session.convening_unit.name}
				</>
			}
			aside={
				<>
					<Tag tone={stateTones[session.state]}>
						{t(`state.${session.state}`)}
					</Tag>
					<Tag>{t(`kind.${session.kind}`)}</Tag>
					{session.my_role && (
						<Tag tone="info">{t(`sessionRole.${session.my_role}`)}</Tag>
					)}
				</>
			}
		>
			<div className={classes.columns}>
				<div className={classes.column}>
					{open && <WayIn session={session} />}
					{session.state === "cancelled" && (
						<Banner tone="info">{t("session.cancelled")}</Banner>
					)}
					{session.may.includes("inspect_recordings") && (
						<Recordings session={session} />
					)}
					{mayInvite && <Links session={session} />}
				</div>
				<Section
					title={t("session.pointCount", { count: session.invited.length })}
				>
					{session.invited.length === 0 ? (
						<Card className={classes.none}>{t("session.noPoints")}</Card>
					) : (
						<ol className={classes.plates}>
							{session.invited.map((point, index) => (
								<li key={point.code}>
									<span className="fig">
										{String(index + 1).padStart(2, "0")}
									</span>
									<b>{point.name}</b>
								</li>
							))}
						</ol>
					)}
				</Section>
			</div>
		</Page>
	);
}

const stateTones: Record<Session["state"], Tone> = {
	planned: "info",
	live: "bad",
	ended: "none",
	cancelled: "none",
};

/** The key into the room, or why there is none. */
function WayIn({ session }: { session: Session }) {
	const { t } = useTranslation();
	if (session.my_role === null) {
		return <Banner tone="info">{t("session.notInvited")}</Banner>;
	}
	return (
		<div className={classes.wayIn}>
			<ButtonLink
				to="/s/$code/room"
				params={{ code: session.code }}
				variant="filled"
				size="lg"
			>
				{session.my_role === "chair"
					? t("session.chair")
					: session.kind === "training"
						? t("session.attend")
						: t("session.join")}
			</ButtonLink>
			<p>
				{session.state === "live"
					? t("session.present", { count: session.present })
					: t("session.opens")}
			</p>
		</div>
	);
}

/** Recordings of the session, each with its state; asked again while one is in the making. */
function Recordings({ session }: { session: Session }) {
	const { t } = useTranslation();
	const api = useApi();
	const query = useQuery(sessionRecordingsQuery(api, session.code));
	return (
		<Section title={t("recording.title")}>
			<Card>
				{query.isPending ? (
					<Loading what={t("recording.what")} rows={1} />
				) : query.isError ? (
					<Failure
						what={t("recording.what")}
						error={query.error}
						onRetry={() => void query.refetch()}
					/>
				) : query.data.length === 0 ? (
					<Empty title={t("recording.empty")}>
						{session.state === "ended"
							? t("recording.emptyEnded")
							: t("recording.emptyText")}
					</Empty>
				) : (
					<ul>
						{query.data.map((recording) => (
							<RecordingRow key={recording.id} recording={recording} />
						))}
					</ul>
				)}
			</Card>
		</Section>
	);
}
