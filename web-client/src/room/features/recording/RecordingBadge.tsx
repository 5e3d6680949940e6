import {
	IconAlertTriangle,
	IconLoader2,
	IconPlayerRecord,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { formatClock } from "@/format";
import { recordingNotice } from "@/room/state/notices";
import {
	useRoomSession,
	useRoomState,
	useServerNow,
} from "@/room/view/useRoom";
import classes from "./RecordingBadge.module.css";

/**
 * "Đang ghi", "Tự ghi": everybody in the room sees that, and since when, the session is recorded, or that it will be. Pressed,
 * it says until when that is kept.
 */
export function RecordingBadge() {
	const { t } = useTranslation("room");
	const stay = useRoomSession();
	const room = useRoomState();
	const { recording, recordingSinceUs, session } = room;
	if (recording === "off" && !session.auto_record) return null;
	return (
		<button
			type="button"
			className={classes.badge}
			data-state={recording}
			data-testid="recording"
			title={t("recording.more")}
			onClick={() => stay.notify(recordingNotice(room))}
		>
			{recording === "on" ? (
				<>
					<i className={classes.dot} />
					{t("recording.on")}
					{recordingSinceUs !== null && <Since sinceUs={recordingSinceUs} />}
				</>
			) : recording === "off" ? (
				<>
					<IconPlayerRecord size={18} stroke={1.9} aria-hidden="true" />
					{t("recording.auto")}
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
		</button>
	);
}

function Since({ sinceUs }: { sinceUs: number }) {
	const now = useServerNow();
	return <span className="fig">{formatClock((now - sinceUs) / 1e6)}</span>;
}
