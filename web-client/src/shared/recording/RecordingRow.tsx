import { Button } from "@mantine/core";
import { IconBroadcast } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { formatBytes, formatClock, formatDate, formatTime } from "@/format";
import { ButtonLink } from "@/kit/ButtonLink";
import { ProgressBar } from "@/kit/ProgressBar";
import { Status } from "@/kit/Status";
import type { Recording } from "@/protocol/generated/Recording";
import { useErrorSentence, useServer } from "@/session";
import { composeRecording } from "./api";
import classes from "./RecordingRow.module.css";

/** One recording: when, how long, how far its file is, and the key to see it or to try again. */
export function RecordingRow({ recording }: { recording: Recording }) {
	const { t } = useTranslation();
	const facts = [
		recording.duration_us !== null &&
			formatClock(recording.duration_us / 1_000_000),
		recording.bytes !== null && formatBytes(recording.bytes),
		recording.keep_until_us !== null &&
			t("recording.keptUntil", { date: formatDate(recording.keep_until_us) }),
	].filter((fact) => fact !== false);

	return (
		<li className={classes.row}>
			<div className={classes.when}>
				<span className="fig">{formatTime(recording.started_at_us)}</span>
				<small>{formatDate(recording.started_at_us)}</small>
			</div>
			<div className={classes.what}>
				<RecordingState recording={recording} />
				{facts.length > 0 && <p>{facts.join(" · ")}</p>}
				{!recording.may_view && <p>{t("recording.healthOnly")}</p>}
			</div>
			{recording.state === "ready" && recording.may_view && (
				<ButtonLink
					to="/recordings/$id"
					params={{ id: recording.id }}
					aria-label={`${t("recording.replay")}, ${formatTime(recording.started_at_us)}, ${formatDate(recording.started_at_us)}`}
				>
					{t("recording.replay")}
				</ButtonLink>
			)}
			{mayComposeAgain(recording) && <ComposeAgain id={recording.id} />}
		</li>
	);
}

/** Where a recording stands, in words, with a bar while its file is made. */
export function RecordingState({ recording }: { recording: Recording }) {
	const { t } = useTranslation();
	switch (recording.state) {
		case "starting":
		case "recording":
			return (
				<Status
					tone="bad"
					icon={<IconBroadcast size={20} stroke={1.9} aria-hidden="true" />}
				>
					{t(`recording.state.${recording.state}`)}
				</Status>
			);
		case "finalising":
		case "archived":
			return (
				<Status tone="info">{t(`recording.state.${recording.state}`)}</Status>
			);
		case "composing":
			return (
				<>
					<Status tone="info">
						{t("recording.state.composing", {
							percent: recording.progress_percent,
						})}
					</Status>
					<ProgressBar
						label={t("recording.progress")}
						percent={recording.progress_percent}
					/>
				</>
			);
		case "ready":
			return <Status tone="ok">{t("recording.state.ready")}</Status>;
		case "failed":
			return <Status tone="warn">{t("recording.state.failed")}</Status>;
	}
}

/** Whether another try may help, and the person may ask for it. */
export const mayComposeAgain = (recording: Recording): boolean =>
	recording.state === "failed" &&
	recording.may_compose &&
	recording.failure !== "no_media";

/** Asks for the file once more; the raw tracks are safe, so nothing can be lost by trying. */
export function ComposeAgain({ id }: { id: string }) {
	const { t } = useTranslation();
	const server = useServer();
	const queryClient = useQueryClient();
	const sentence = useErrorSentence();
	const compose = useMutation({
		mutationFn: () => composeRecording(server, id),
		onSuccess: () => queryClient.invalidateQueries(),
	});
	return (
		<div className={classes.again}>
			<Button loading={compose.isPending} onClick={() => compose.mutate()}>
				{t("recording.composeAgain")}
			</Button>
			{compose.isError && <p role="alert">{sentence(compose.error)}</p>}
		</div>
	);
}
