import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import {
	formatDateTime,
	formatDecimal,
	formatInteger,
	formatMbps,
	formatTime,
	sayDuration,
	seatNumber,
} from "@/format";
import { Empty, Loaded, Segmented } from "@/kit";
import type { PointHistory } from "@/protocol/generated/PointHistory";
import type { PointStatus } from "@/protocol/generated/PointStatus";
import { weakLossPercent, weakRttMs } from "@/protocol/weakLine";
import { useServer } from "@/session";
import { pointHistoryQuery } from "./api";
import { StateWord } from "./Board";
import { lostIn, outsideIn, totalOf } from "./board";
import classes from "./PointDetail.module.css";

const HistoryChart = lazy(() => import("./HistoryChart"));

/** How far back a history may look, in hours. */
const lengths = ["1", "6", "24", "168", "720"] as const;

/** One point: where it is, its last measurement, and how its link did over the last hours. */
export function PointDetail({ status }: { status: PointStatus }) {
	const { t } = useTranslation();
	const server = useServer();
	const [hours, setHours] = useState<(typeof lengths)[number]>("1");
	const query = useQuery(
		pointHistoryQuery(server, status.point.code, Number(hours)),
	);
	const { link } = status;

	return (
		<section aria-label={status.point.name}>
			<div className={classes.head} data-state={status.state}>
				<span className="fig">{seatNumber(status.point.number)}</span>
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
					options={lengths.map((value) => ({
						value,
						label:
							Number(value) > 24
								? t("duration.days", { count: Number(value) / 24 })
								: t("duration.hours", { count: Number(value) }),
					}))}
				/>
				<Loaded query={query} what={t("monitor.historyWhat")} rows={2}>
					{(history) =>
						history.steps.length === 0 && history.spans.length === 0 ? (
							<Empty title={t("monitor.noHistory")} />
						) : (
							<History history={history} name={status.point.name} />
						)
					}
				</Loaded>
			</div>
		</section>
	);
}

/** Two charts over one time axis, and the same as a table. */
function History({ history, name }: { history: PointHistory; name: string }) {
	const { t } = useTranslation();
	const { steps } = history;
	const lost = lostIn(history);
	const outside = outsideIn(history);
	const losses = steps.map(({ loss_percent }) => loss_percent);
	const trips = steps.map(({ rtt_ms }) => rtt_ms);
	const long = history.to_us - history.from_us > 2 * 86_400_000_000;
	const shared = {
		fromUs: history.from_us,
		toUs: history.to_us,
		stepUs: history.step_us,
		times: steps.map(({ at_us }) => at_us / 1_000_000),
		lost,
		outside,
	};
	const inSession =
		history.to_us - history.from_us - totalOf(outside) - totalOf(lost);
	return (
		<>
			<h3>{t("monitor.lossTitle", { threshold: weakLossPercent })}</h3>
			<Suspense fallback={<div className={classes.chart} />}>
				<HistoryChart
					{...shared}
					values={losses}
					threshold={weakLossPercent}
					label={t("monitor.chart", {
						what: t("monitor.column.loss"),
						name,
						max: formatDecimal(Math.max(0, ...losses)),
						gaps: lost.length,
					})}
				/>
			</Suspense>
			<h3>{t("monitor.rttTitle", { threshold: weakRttMs })}</h3>
			<Suspense fallback={<div className={classes.chart} />}>
				<HistoryChart
					{...shared}
					values={trips}
					threshold={weakRttMs}
					label={t("monitor.chart", {
						what: t("monitor.column.rtt"),
						name,
						max: formatInteger(Math.max(0, ...trips.map((trip) => trip ?? 0))),
						gaps: lost.length,
					})}
				/>
			</Suspense>
			<dl>
				<dt>{t("monitor.inSession")}</dt>
				<dd>{sayDuration(t, inSession)}</dd>
				<dt>{t("point.lost")}</dt>
				<dd>
					{lost.length === 0
						? t("monitor.neverLost")
						: t("monitor.lostTimes", {
								count: lost.length,
								longest: sayDuration(
									t,
									Math.max(...lost.map(({ fromUs, toUs }) => toUs - fromUs)),
								),
							})}
				</dd>
			</dl>
			<p className={classes.note}>{t("monitor.gapNote")}</p>
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
							{[...steps].reverse().map((step) => (
								<tr key={step.at_us}>
									<th scope="row">
										{long ? formatDateTime(step.at_us) : formatTime(step.at_us)}
									</th>
									<td>{formatDecimal(step.loss_percent)}</td>
									<td>
										{step.rtt_ms === null ? "—" : formatInteger(step.rtt_ms)}
									</td>
									<td>{formatMbps(step.ingress_bps)}</td>
									<td>{formatMbps(step.egress_bps)}</td>
								</tr>
							))}
						</tbody>
					</table>
				</section>
			</details>
		</>
	);
}
