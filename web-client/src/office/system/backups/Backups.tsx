import { Button } from "@mantine/core";
import { IconDatabaseExport } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { formatBytes, formatDateTime, sayDuration } from "@/format";
import { Card, Empty, Loaded, Status } from "@/kit";
import type { BackupRun } from "@/protocol/generated/BackupRun";
import type { Backups as State } from "@/protocol/generated/Backups";
import { useErrorSentence, useServer } from "@/session";
import { useNow } from "@/session/useNow";
import { backupsQuery, makeBackup } from "../api";
import { System } from "../System";
import table from "../Table.module.css";
import classes from "./Backups.module.css";

/** Copies of everything: how they did, where they lie, and how one is put back. */
export function Backups() {
	const { t } = useTranslation();
	return (
		<System title={t("system.backups.title")}>
			<Asked />
		</System>
	);
}

function Asked() {
	const { t } = useTranslation();
	const query = useQuery(backupsQuery(useServer()));
	return (
		<Loaded
			query={query}
			what={t("system.backups.whatLoads")}
			rows={6}
			frame={(waiting) => <Card>{waiting}</Card>}
		>
			{(state) => (
				<div className={classes.columns}>
					<div className={classes.column}>
						<Figures state={state} />
						<Runs state={state} />
					</div>
					<div className={classes.column}>
						<Where state={state} />
						<HowToRestore good={state.last_good} />
					</div>
				</div>
			)}
		</Loaded>
	);
}

/** The newest good copy: how old it is is what is asked first. */
function Figures({ state }: { state: State }) {
	const { t } = useTranslation();
	const now = useNow(60_000);
	const good = state.last_good;
	if (good === null) {
		return (
			<Card className={classes.figures}>
				<Status tone={state.folder === null ? "warn" : "bad"}>
					<b>{t("system.backups.never")}</b>
				</Status>
			</Card>
		);
	}
	return (
		<Card className={classes.figures}>
			<div>
				<p>
					{t("system.backups.last")}, {formatDateTime(good.begun_at_us)}
				</p>
				<b>
					{t("system.backups.ago", {
						time: sayDuration(t, Math.max(0, now - good.begun_at_us)),
					})}
				</b>
				<Status tone="ok">{t("system.backups.checked")}</Status>
			</div>
			<div>
				<p>{t("system.backups.whole")}</p>
				<b>{formatBytes(good.bytes ?? 0)}</b>
				<p>
					{t("system.backups.added", {
						size: formatBytes(good.new_bytes ?? 0),
					})}
				</p>
			</div>
			<div>
				<p>{t("system.backups.took")}</p>
				<b>{sayDuration(t, good.ended_at_us - good.begun_at_us)}</b>
			</div>
		</Card>
	);
}

function Runs({ state }: { state: State }) {
	const { t } = useTranslation();
	const server = useServer();
	const queryClient = useQueryClient();
	const sentence = useErrorSentence();
	const make = useMutation({
		mutationFn: () => makeBackup(server),
		onSettled: () => queryClient.invalidateQueries({ queryKey: ["backups"] }),
	});
	const { percent } = state;
	return (
		<Card className={classes.runs}>
			<div className={classes.head}>
				<h2>{t("system.backups.runs")}</h2>
				<p>{t("system.backups.keeps", { count: state.keep })}</p>
				{state.folder !== null && percent === null && (
					<Button
						variant="filled"
						loading={make.isPending}
						leftSection={
							<IconDatabaseExport size={20} stroke={1.9} aria-hidden />
						}
						onClick={() => make.mutate()}
					>
						{t("system.backups.now")}
					</Button>
				)}
				<p role="status" className={classes.making}>
					{percent !== null && t("system.backups.making", { percent })}
				</p>
			</div>
			{make.error !== null && (
				<p role="alert" className={classes.refused}>
					{sentence(make.error)}
				</p>
			)}
			{state.runs.length === 0 ? (
				<Empty
					title={t(
						state.folder === null
							? "system.backups.unset"
							: "system.backups.none",
					)}
				>
					{t(
						state.folder === null
							? "system.backups.unsetHint"
							: "system.backups.noneHint",
					)}
				</Empty>
			) : (
				<table className={`${table.table} ${classes.table}`}>
					<caption className="vh">{t("system.backups.runs")}</caption>
					<thead>
						<tr>
							<th scope="col">{t("system.backups.at")}</th>
							<th scope="col">{t("system.backups.outcome")}</th>
							<th scope="col">{t("system.backups.took")}</th>
							<th scope="col">{t("system.backups.size")}</th>
							<th scope="col">{t("system.backups.place")}</th>
						</tr>
					</thead>
					<tbody>
						{state.runs.map((run) => (
							<Run key={run.begun_at_us} run={run} />
						))}
					</tbody>
				</table>
			)}
		</Card>
	);
}

function Run({ run }: { run: BackupRun }) {
	const { t } = useTranslation();
	const failed = run.failure !== null;
	return (
		<tr data-failed={failed || undefined}>
			<th scope="row" className="fig">
				{formatDateTime(run.begun_at_us)}
			</th>
			<td>
				<Status tone={failed ? "bad" : "ok"}>
					{t(failed ? "system.backups.failed" : "system.backups.good")}
				</Status>
			</td>
			<td>{sayDuration(t, run.ended_at_us - run.begun_at_us)}</td>
			<td>{run.bytes === null ? "—" : formatBytes(run.bytes)}</td>
			<td>
				{run.place}
				{failed && (
					<small>{t(`system.backups.trouble.${run.trouble ?? "other"}`)}</small>
				)}
			</td>
		</tr>
	);
}

function Where({ state }: { state: State }) {
	const { t } = useTranslation();
	return (
		<Card>
			<section aria-labelledby="backup-where">
				<h2 id="backup-where" className={classes.title}>
					{t("system.backups.where")}
				</h2>
				<dl className={classes.facts}>
					<dt>{t("system.backups.nightly")}</dt>
					<dd>
						{state.next_at_us === null
							? t("system.backups.unset")
							: formatDateTime(state.next_at_us)}
					</dd>
					<dt>{t("system.backups.folder")}</dt>
					<dd>{state.folder ?? "—"}</dd>
					<dt>{t("system.backups.holds")}</dt>
					<dd>{t("system.backups.holdsWhat")}</dd>
				</dl>
			</section>
		</Card>
	);
}

/** What is done on the day on which it is needed, and by whom there may be nobody to ask. */
function HowToRestore({ good }: { good: BackupRun | null }) {
	const { t } = useTranslation();
	const place = good?.place ?? "/…/diemcau-20261117-020000";
	return (
		<Card>
			<section aria-labelledby="backup-restore">
				<h2 id="backup-restore" className={classes.title}>
					{t("system.backups.restore")}
				</h2>
				<p className={classes.lead}>{t("system.backups.restoreLead")}</p>
				<ol className={classes.steps}>
					<li>{t("system.backups.stepInstall")}</li>
					<li>
						{t("system.backups.stepCheck")}
						<code>diemcau restore --check {place}</code>
					</li>
					<li>
						{t("system.backups.stepRestore")}
						<code>diemcau restore {place}</code>
					</li>
					<li>{t("system.backups.stepMove")}</li>
				</ol>
			</section>
		</Card>
	);
}
