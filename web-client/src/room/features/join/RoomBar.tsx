import {
	IconAlertTriangle,
	IconAntennaBars5,
	IconLoader2,
	IconPlugOff,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { formatClock, formatTime } from "@/format";
import { Mark } from "@/kit/Mark";
import { ModeKey } from "@/room/features/mode";
import { RecordingBadge } from "@/room/features/recording";
import { attendance, linkVerdict } from "@/room/state/selectors";
import {
	useRoom,
	useRoomState,
	useSecondsSince,
	useServerNow,
} from "@/room/view/useRoom";
import classes from "./RoomBar.module.css";

/** The session bar: what session, how the link stands, who is here, whether it is recorded, the time of the server. */
export function RoomBar({ children }: { children?: ReactNode }) {
	const { t } = useTranslation("room");
	const room = useRoomState();
	const now = useServerNow();
	const { present, invited } = attendance(room);
	return (
		<header className={classes.bar}>
			<span className={classes.mark}>
				<Mark width={30} />
			</span>
			<h1>{room.session.title}</h1>
			<ModeKey />
			<div className={classes.right}>
				<LinkState />
				{invited > 0 && (
					<span className={classes.points}>
						{t("bar.points")}{" "}
						<b className="fig">{t("bar.points_count", { present, invited })}</b>
					</span>
				)}
				<RecordingBadge />
				<time className={`fig ${classes.clock}`}>{formatTime(now)}</time>
				{children}
			</div>
		</header>
	);
}

/** How one's own connection stands; while it is lost, what of it, and for how long. */
export function LinkState() {
	const { t } = useTranslation("room");
	const verdict = useRoom(linkVerdict);
	const outage = useRoom((view) => view.outage);
	const path = useRoom((view) => view.link?.path?.toUpperCase() ?? "");
	const seconds = useSecondsSince(outage?.sinceMs ?? null);
	const Icon = {
		good: IconAntennaBars5,
		weak: IconAlertTriangle,
		fallback: IconAlertTriangle,
		connecting: IconLoader2,
		lost: IconPlugOff,
	}[verdict];
	return (
		<span
			className={classes.link}
			data-verdict={verdict}
			data-cause={outage?.cause}
			data-testid="link-state"
		>
			<Icon size={20} stroke={1.9} aria-hidden="true" />
			{outage
				? t(`bar.lost_${outage.cause}`)
				: verdict !== "lost" && t(`bar.${verdict}`, { path })}
			{seconds !== null && <span className="fig">{formatClock(seconds)}</span>}
		</span>
	);
}
