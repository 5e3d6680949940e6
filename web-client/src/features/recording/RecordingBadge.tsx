import { IconAlertTriangle, IconLoader2 } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { formatClock } from "@/format";
import { useRoomState, useServerNow } from "@/room/useRoom";
import classes from "./RecordingBadge.module.css";

/** "Đang ghi": everybody in the room sees that, and since when, the session is recorded. */
export function RecordingBadge() {
	const { t } = useTranslation("room");
	const { recording, recordingSinceUs } = useRoomState();
	if (recording === "off") return null;
	return (
		<span
			className={classes.badge}
			data-state={recording}
			data-testid="recording"
			title={t("recording.notice")}
		>
			{recording === "on" ? (
				<>
					<i className={classes.dot} />
					{t("recording.on")}
					{recordingSinceUs !== null && <Since sinceUs={recordingSinceUs} />}
				</>
			) : recording === "starting" ? (
				<>
					<IconLoader2 size={18} stroke={1.9} aria-hidden="true" />
					{t("recording.starting")}
				</>
			) : (
				<>
					<IconAlertTriangle size={18} stroke={1.9} aria-hidden="true" />
					{t("recording.failed")}
				</>
			)}
		</span>
	);
}

function Since({ sinceUs }: { sinceUs: number }) {
	const now = useServerNow();
	return <span className="fig">{formatClock((now - sinceUs) / 1e6)}</span>;
}
