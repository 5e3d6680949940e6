import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { formatDecimal, formatInteger, formatMbps } from "@/format";
import {
	bitrate,
	type PeerStats,
	receivedBytes,
	sentBytes,
} from "@/media/stats";
import { nameOf } from "@/room/selectors";
import { useRoom, useRoomSession } from "@/room/useRoom";
import classes from "./Settings.module.css";

/** How often the figures are read, in milliseconds. */
const PERIOD_MS = 1_000;

/** The link in figures: by the server's measurement and by the browser's. For the technician on the telephone. */
export function Statistics() {
	const { t } = useTranslation("room");
	const session = useRoomSession();
	const { link, path, slots, room } = useRoom((view) => ({
		link: view.link,
		path: view.path,
		slots: view.slots,
		room: view.room,
	}));
	const [[earlier, now], setReadings] = useState<
		[PeerStats | null, PeerStats | null]
	>([null, null]);
	useEffect(() => {
		const read = async () => {
			const stats = await session.stats();
			setReadings(([, last]) => [last, stats]);
		};
		void read();
		const timer = setInterval(() => void read(), PERIOD_MS);
		return () => clearInterval(timer);
	}, [session]);

	const down =
		earlier && now && bitrate(receivedBytes(earlier), receivedBytes(now));
	const up = earlier && now && bitrate(sentBytes(earlier), sentBytes(now));
	const megabits = (bps: number | null) =>
		bps === null ? "—" : `${formatMbps(bps)} Mbit/s`;
	const figures: [string, string][] = [
		[t("stats.path"), (path ?? now?.protocol ?? "—").toUpperCase()],
		[
			t("stats.rtt"),
			(link?.rtt_ms ?? now?.rttMs) == null
				? "—"
				: `${formatInteger(link?.rtt_ms ?? now?.rttMs ?? 0)} ms`,
		],
		[t("stats.down"), megabits(down)],
		[t("stats.up"), megabits(up)],
		[
			t("stats.lossDown"),
			link ? `${formatDecimal(link.egress_loss_percent)}%` : "—",
		],
		[
			t("stats.lossUp"),
			link ? `${formatDecimal(link.ingress_loss_percent)}%` : "—",
		],
		[t("stats.estimate"), megabits(link?.estimate_bps ?? null)],
	];

	return (
		<section
			data-testid="statistics"
			data-down-bps={down === null ? undefined : Math.round(down)}
			data-up-bps={up === null ? undefined : Math.round(up)}
		>
			<h3>{t("stats.label")}</h3>
			<dl className={classes.figures}>
				{figures.map(([term, value]) => (
					<div key={term} style={{ display: "contents" }}>
						<dt>{term}</dt>
						<dd className="fig">{value}</dd>
					</div>
				))}
			</dl>
			<table className={classes.lines}>
				<thead>
					<tr>
						<th>{t("stats.line")}</th>
						<th>{t("stats.size")}</th>
						<th>kbit/s</th>
						<th>{t("stats.freezes")}</th>
					</tr>
				</thead>
				<tbody>
					{(now?.inbound ?? [])
						.filter((line) => line.packets > 0)
						.map((line) => {
							const slot = slots[line.mid];
							const before = earlier?.inbound.find(
								({ mid }) => mid === line.mid,
							);
							const rate =
								earlier && now && before
									? bitrate(
											{ atMs: earlier.atMs, bytes: before.bytes },
											{ atMs: now.atMs, bytes: line.bytes },
										)
									: null;
							return (
								<tr
									key={line.mid}
									data-mid={line.mid}
									data-frames={line.framesDecoded}
								>
									<td>
										{line.kind === "audio"
											? t("stats.voice")
											: t(`stats.${slot?.kind ?? "tile"}`)}{" "}
										{slot?.track &&
											room &&
											nameOf(room, slot.track.participant)}
									</td>
									<td className="fig">
										{line.kind === "video"
											? `${line.width}×${line.height}`
											: ""}
									</td>
									<td className="fig">
										{rate === null ? "—" : formatInteger(rate / 1000)}
									</td>
									<td className="fig">
										{line.kind === "video" ? line.freezes : ""}
									</td>
								</tr>
							);
						})}
				</tbody>
			</table>
		</section>
	);
}
