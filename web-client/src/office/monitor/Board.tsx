import { IconPlugOff } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import {
	formatDate,
	formatDecimal,
	formatInteger,
	formatMbps,
	formatTime,
	sameDay,
	seatNumber,
} from "@/format";
import { Status } from "@/kit";
import type { PointStatus } from "@/protocol/generated/PointStatus";
import {
	weakLossPercent,
	weaknessOf,
	weakRttMs,
	worstLoss,
} from "@/protocol/weakLine";
import classes from "./Board.module.css";
import { tones } from "./board";

/** The table of points; the name of each opens its detail. */
export function Board({
	rows,
	now,
	selected,
	onSelect,
}: {
	rows: PointStatus[];
	now: number;
	selected: string | undefined;
	onSelect: (code: string) => void;
}) {
	const { t } = useTranslation();
	return (
		<table className={classes.table}>
			<caption className="vh">{t("monitor.title")}</caption>
			<thead>
				<tr>
					<th scope="col">
						<span className="vh">{t("point.number")}</span>
					</th>
					<th scope="col">{t("sessionRole.point")}</th>
					<th scope="col">{t("monitor.column.state")}</th>
					<th scope="col" className={classes.number}>
						{t("monitor.column.loss")}
					</th>
					<th scope="col" className={classes.number}>
						{t("monitor.column.rtt")}
					</th>
					<th scope="col" className={classes.number} data-extra>
						{t("monitor.column.rates")}
					</th>
					<th scope="col" data-extra>
						{t("monitor.column.path")}
					</th>
					<th scope="col" data-extra>
						{t("monitor.column.seen")}
					</th>
				</tr>
			</thead>
			<tbody>
				{rows.map((status) => {
					const { point, link, state } = status;
					const loss = link === null ? null : worstLoss(link);
					const rtt = link?.rtt_ms ?? null;
					return (
						<tr
							key={point.code}
							data-state={state}
							data-selected={point.code === selected || undefined}
						>
							<td className={`fig ${classes.seat}`}>
								{seatNumber(point.number)}
							</td>
							<th scope="row">
								<button
									type="button"
									aria-pressed={point.code === selected}
									onClick={() => onSelect(point.code)}
								>
									{point.name}
								</button>
							</th>
							<td>
								<StateWord status={status} />
							</td>
							<td
								className={`fig ${classes.number}`}
								data-hot={(loss ?? 0) > weakLossPercent || undefined}
							>
								{loss === null ? "—" : formatDecimal(loss)}
							</td>
							<td
								className={`fig ${classes.number}`}
								data-hot={(rtt ?? 0) > weakRttMs || undefined}
							>
								{rtt === null ? "—" : formatInteger(rtt)}
							</td>
							<td className={`fig ${classes.number}`} data-extra>
								{link === null
									? "—"
									: `${formatMbps(link.ingress_bps)} / ${formatMbps(link.egress_bps)}`}
							</td>
							<td data-extra>{link?.path?.toUpperCase() ?? "—"}</td>
							<td className="fig" data-extra>
								{lastSeen(status, now, t("monitor.now"))}
							</td>
						</tr>
					);
				})}
			</tbody>
		</table>
	);
}

/** How a point does, in the word of its worst complaint. */
export function StateWord({ status }: { status: PointStatus }) {
	const { t } = useTranslation();
	const { state, link } = status;
	const why = state === "weak" && link !== null ? weaknessOf(link) : null;
	return (
		<Status
			tone={tones[state]}
			icon={
				state === "lost" ? (
					<IconPlugOff size={20} stroke={1.9} aria-hidden="true" />
				) : undefined
			}
		>
			{why === null ? t(`point.${state}`) : t(`monitor.complaint.${why}`)}
		</Status>
	);
}

/** "đang họp", "10:12" of today, or "17/11/2026". */
function lastSeen(status: PointStatus, now: number, present: string): string {
	if (status.state === "good" || status.state === "weak") return present;
	if (status.last_seen_us === null) return "—";
	return sameDay(status.last_seen_us, now)
		? formatTime(status.last_seen_us)
		: formatDate(status.last_seen_us);
}
