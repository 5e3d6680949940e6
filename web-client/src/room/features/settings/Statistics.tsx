import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { formatDecimal, formatInteger, formatMbps } from "@/format";
import type { MediaPath } from "@/protocol/generated/MediaPath";
import type { PictureExplanation } from "@/protocol/generated/PictureExplanation";
import type { SlotKind } from "@/protocol/generated/SlotKind";
import {
	bitrate,
	type InboundStats,
	type PeerStats,
	receivedBytes,
	sentBytes,
} from "@/room/media/stats";
import { nameOf } from "@/room/state/selectors";
import { useRoom, useRoomSession } from "@/room/view/useRoom";
import { verdictOf, whyOf } from "./explain";
import classes from "./Settings.module.css";

/** How often the browser's figures are read, in milliseconds. */
const PERIOD_MS = 1_000;

/** How often the server is asked why the pictures are as they are, in milliseconds. */
const ASK_MS = 2_000;

/** One line of the table: what comes, and why it comes so. */
interface Row {
	mid: string;
	kind: SlotKind;
	name: string;
	line: InboundStats | null;
	picture: PictureExplanation | null;
}

/**
 * The link in figures, by the server's measurement and by the browser's, and why each picture is as it is. For the
 * technician on the telephone.
 */
export default function Statistics() {
	const { t } = useTranslation("room");
	const session = useRoomSession();
	const { link, path, slots, room, explanation } = useRoom((view) => ({
		link: view.link,
		path: view.path,
		slots: view.slots,
		room: view.room,
		explanation: view.explanation,
	}));
	const [earlier, now] = useReadings();
	useEffect(() => {
		session.explainMedia();
		const timer = setInterval(() => session.explainMedia(), ASK_MS);
		return () => clearInterval(timer);
	}, [session]);

	const down =
		earlier && now && bitrate(receivedBytes(earlier), receivedBytes(now));
	const up = earlier && now && bitrate(sentBytes(earlier), sentBytes(now));
	const megabits = (bps: number | null) =>
		bps === null ? "—" : `${formatMbps(bps)} Mbit/s`;
	const rtt = link?.rtt_ms ?? now?.rttMs ?? null;
	const pathWord = (used: MediaPath | null) =>
		used === null
			? "—"
			: t(`stats.path_${used}`, { port: location.port || "443" });
	const figures: [string, string][] = [
		[t("stats.path"), pathWord(now?.path ?? path)],
		[t("stats.rtt"), rtt === null ? "—" : `${formatInteger(rtt)} ms`],
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
		[
			t("stats.estimate"),
			megabits(explanation?.estimate_bps ?? link?.estimate_bps ?? null),
		],
	];

	// A line that carries nobody at the moment has no name, and nothing to say.
	const lines = (now?.inbound ?? []).filter(
		({ mid, packets }) => packets > 0 && slots[mid]?.track != null,
	);
	const voices = lines.filter(({ kind }) => kind === "audio");
	const explained = explanation?.pictures ?? [];
	const unexplained = lines.filter(
		(line) =>
			line.kind === "video" && !explained.some(({ mid }) => mid === line.mid),
	);
	const who = (id: string | undefined) => (room && id ? nameOf(room, id) : "");
	const rows: Row[] = [
		...voices.map((line) => ({
			mid: line.mid,
			kind: "audio" as const,
			name: who(slots[line.mid]?.track?.participant),
			line,
			picture: null,
		})),
		...explained.map((picture) => ({
			mid: picture.mid,
			kind: picture.kind,
			name: who(picture.track.participant),
			line: lines.find(({ mid }) => mid === picture.mid) ?? null,
			picture,
		})),
		...unexplained.map((line) => ({
			mid: line.mid,
			kind: slots[line.mid]?.kind ?? ("tile" as const),
			name: who(slots[line.mid]?.track?.participant),
			line,
			picture: null,
		})),
	];
	const rateOf = (line: InboundStats | null): string => {
		const before = earlier?.inbound.find(({ mid }) => mid === line?.mid);
		if (!line || !earlier || !now || !before) return "—";
		const bps = bitrate(
			{ atMs: earlier.atMs, bytes: before.bytes },
			{ atMs: now.atMs, bytes: line.bytes },
		);
		return bps === null ? "—" : formatInteger(bps / 1000);
	};
	const verdict = explanation && verdictOf(explanation);

	return (
		<section
			data-testid="statistics"
			data-down-bps={down === null ? undefined : Math.round(down)}
			data-up-bps={up === null ? undefined : Math.round(up)}
		>
			<h3>{t("stats.label")}</h3>
			{verdict && (
				<p className={classes.verdict} data-testid="why" data-why={verdict.key}>
					{t(`why.all_${verdict.key}`, verdict)}
				</p>
			)}
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
						<th>
							{t("stats.size")} <small>{t("stats.pixels")}</small>
						</th>
						<th>
							{t("stats.rate")} <small>kbit/s</small>
						</th>
						<th>
							{t("stats.freezes")} <small>{t("stats.times")}</small>
						</th>
					</tr>
				</thead>
				<tbody>
					{rows.map(({ mid, kind, name, line, picture }) => {
						const why = picture && whyOf(picture);
						const size =
							line && kind !== "audio" && line.width > 0
								? `${line.width}×${line.height}`
								: "";
						return (
							<tr
								key={mid}
								data-mid={mid}
								data-frames={line?.framesDecoded ?? 0}
								data-why={why?.key}
							>
								<td>
									{t(`stats.${kind}`)} {name}
									{why && (
										<small>{t(`why.${why.key}`, { needed: why.needed })}</small>
									)}
								</td>
								<td className="fig">{size}</td>
								<td className="fig">{rateOf(line)}</td>
								<td className="fig">
									{line && kind !== "audio" ? line.freezes : ""}
								</td>
							</tr>
						);
					})}
				</tbody>
			</table>
		</section>
	);
}

/** The last two readings of what the browser measures. */
function useReadings(): [PeerStats | null, PeerStats | null] {
	const session = useRoomSession();
	const [readings, setReadings] = useState<
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
	return readings;
}
