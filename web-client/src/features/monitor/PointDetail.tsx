import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { pointSamplesQuery, useApi } from "@/api";
import {
	formatDateTime,
	formatDecimal,
	formatInteger,
	formatMbps,
	formatTime,
} from "@/format";
import type { LinkSample } from "@/protocol/generated/LinkSample";
import type { PointStatus } from "@/protocol/generated/PointStatus";
import { Empty, Failure, Loading, Segmented } from "@/ui";
import { StateWord } from "./Board";
import {
	gapsOf,
	numberOf,
	weakLossPercent,
	weakRttMs,
	worstLoss,
	worstOfEachMinute,
} from "./board";
import classes from "./PointDetail.module.css";

const HistoryChart = lazy(() => import("./HistoryChart"));

/** One point: where it is, its last measurement, and how its link did over the last hours. */
export function PointDetail({
	status,
	now,
}: {
	status: PointStatus;
	now: number;
}) {
	const { t } = useTranslation();
	const api = useApi();
	const [hours, setHours] = useState<"1" | "6" | "24">("1");
	const query = useQuery(
		pointSamplesQuery(api, status.point.code, Number(hours) * 60),
	);
	const { link } = status;

	return (
		<section aria-label={status.point.name}>
			<div className={classes.head} data-state={status.state}>
				<span className="fig">{numberOf(status.point.code)}</span>
				<div>
					<h2>{status.point.name}</h2>
					<p>{status.unit.name}</p>
				</div>
			</div>
			<div className={classes.body}>
				<StateWord status={status} />
				<dl>
					{status.session !== null && (
						<>
							<dt>{t("monitor.session")}</dt>
							<dd>
								<Link to="/s/$code" params={{ code: status.session }}>
									{status.session}
								</Link>
							</dd>
						</>
					)}
					{link !== null && (
						<>
							<dt>{t("monitor.lossBoth")}</dt>
							<dd className="fig">
								{formatDecimal(link.ingress_loss_percent)}% /{" "}
								{formatDecimal(link.egress_loss_percent)}%
							</dd>
							<dt>{t("monitor.rtt")}</dt>
							<dd className="fig">
								{link.rtt_ms === null
									? "—"
									: `${formatInteger(link.rtt_ms)} ms`}
							</dd>
							<dt>{t("monitor.rateBoth")}</dt>
							<dd className="fig">
								{formatMbps(link.ingress_bps)} / {formatMbps(link.egress_bps)}{" "}
								Mbit/s
							</dd>
							{link.estimate_bps !== null && (
								<>
									<dt>{t("monitor.estimate")}</dt>
									<dd className="fig">
										{formatMbps(link.estimate_bps)} Mbit/s
									</dd>
								</>
							)}
							<dt>{t("monitor.path")}</dt>
							<dd>
								{link.path === "tcp"
									? t("monitor.pathTcp")
									: link.path === "tls"
										? t("monitor.pathTls")
										: (link.path?.toUpperCase() ?? "—")}
							</dd>
						</>
					)}
					<dt>{t("monitor.lastSeen")}</dt>
					<dd className="fig">
						{status.last_seen_us === null
							? t("monitor.never")
							: formatDateTime(status.last_seen_us)}
					</dd>
				</dl>
				<Segmented
					label={t("monitor.span")}
					hideLabel
					value={hours}
					onChange={setHours}
					options={(["1", "6", "24"] as const).map((value) => ({
						value,
						label: t("monitor.hours", { count: Number(value) }),
					}))}
				/>
				{query.isPending ? (
					<Loading what={t("monitor.historyWhat")} rows={2} />
				) : query.isError ? (
					<Failure
						what={t("monitor.historyWhat")}
						error={query.error}
						onRetry={() => void query.refetch()}
					/>
				) : query.data.length === 0 ? (
					<Empty title={t("monitor.noHistory")} />
				) : (
					<History
						samples={query.data}
						name={status.point.name}
						fromUs={now - Number(hours) * 3_600_000_000}
						toUs={now}
					/>
				)}
			</div>
		</section>
	);
}

/** Two charts over one time axis, and the same as a table. */
function History({
	samples,
	name,
	fromUs,
	toUs,
}: {
	samples: LinkSample[];
	name: string;
	fromUs: number;
	toUs: number;
}) {
	const { t } = useTranslation();
	const gaps = gapsOf(samples, toUs);
	const times = samples.map(({ at_us }) => at_us / 1_000_000);
	const losses = samples.map(({ link }) => worstLoss(link));
	const trips = samples.map(({ link }) => link.rtt_ms);
	const span = { fromUs, toUs, gaps, times };
	return (
		<>
			<h3>{t("monitor.lossTitle", { threshold: weakLossPercent })}</h3>
			<Suspense fallback={<div className={classes.chart} />}>
				<HistoryChart
					{...span}
					values={losses}
					threshold={weakLossPercent}
					label={t("monitor.chart", {
						what: t("monitor.column.loss"),
						name,
						max: formatDecimal(Math.max(...losses)),
						gaps: gaps.length,
					})}
				/>
			</Suspense>
			<h3>{t("monitor.rttTitle", { threshold: weakRttMs })}</h3>
			<Suspense fallback={<div className={classes.chart} />}>
				<HistoryChart
					{...span}
					values={trips}
					threshold={weakRttMs}
					label={t("monitor.chart", {
						what: t("monitor.column.rtt"),
						name,
						max: formatInteger(Math.max(0, ...trips.map((trip) => trip ?? 0))),
						gaps: gaps.length,
					})}
				/>
			</Suspense>
			{gaps.length > 0 && (
				<p className={classes.note}>{t("monitor.gapNote")}</p>
			)}
			<details>
				<summary>{t("monitor.asTable")}</summary>
				<section
					className={classes.table}
					aria-label={t("monitor.asTable")}
					// biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
					tabIndex={0}
				>
					<table>
						<thead>
							<tr>
								<th scope="col">{t("monitor.column.time")}</th>
								<th scope="col">{t("monitor.column.loss")}</th>
								<th scope="col">{t("monitor.column.rtt")}</th>
								<th scope="col">{t("monitor.column.up")}</th>
								<th scope="col">{t("monitor.column.down")}</th>
							</tr>
						</thead>
						<tbody className="fig">
							{worstOfEachMinute(samples).map(({ at_us, link }) => (
								<tr key={at_us}>
									<th scope="row">{formatTime(at_us)}</th>
									<td>{formatDecimal(worstLoss(link))}</td>
									<td>
										{link.rtt_ms === null ? "—" : formatInteger(link.rtt_ms)}
									</td>
									<td>{formatMbps(link.ingress_bps)}</td>
									<td>{formatMbps(link.egress_bps)}</td>
								</tr>
							))}
						</tbody>
					</table>
				</section>
			</details>
		</>
	);
}
