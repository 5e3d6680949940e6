import { IconBroadcast } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { formatDate } from "@/format";
import classes from "./RecordingNotice.module.css";

/** What everybody is told before entering: whether the session is recorded, and until when that is kept. */
export function RecordingNotice({
	automatic,
	keptUntilUs,
}: {
	/** Whether recording starts with the session; otherwise the chair may start it. */
	automatic: boolean;
	/** In microseconds UTC; `null` for ever. */
	keptUntilUs: number | null;
}) {
	const { t } = useTranslation("pages");
	const date = keptUntilUs === null ? null : formatDate(keptUntilUs);
	return (
		<p className={classes.notice} data-testid="recording-notice">
			<IconBroadcast size={20} stroke={1.9} aria-hidden="true" />
			<span>
				{automatic
					? date === null
						? t("session.recordedForEver")
						: t("session.recorded", { date })
					: date === null
						? t("session.mayRecordForEver")
						: t("session.mayRecord", { date })}
			</span>
		</p>
	);
}
