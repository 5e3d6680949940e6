import { IconX } from "@tabler/icons-react";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { SmallKey } from "@/kit/SmallKey";
import { ToneIcon } from "@/kit/Status";
import type { Notice, NoticeAction } from "@/room/state/notices";
import { useNoticeText } from "@/room/view/noticeText";
import { useRoom, useRoomSession } from "@/room/view/useRoom";
import classes from "./Toasts.module.css";

/** How long a notice stays, in milliseconds, unless it must be closed. */
const SHOWN_MS = 6_000;

/** What the person should know at this moment, the newest below. */
export function Toasts({ layout }: { layout: "desk" | "room" | "phone" }) {
	const notices = useRoom((view) => view.notices);
	return (
		<div className={classes.toasts} data-layout={layout}>
			{notices.map((notice) => (
				<Toast key={notice.id} notice={notice} />
			))}
		</div>
	);
}

function Toast({ notice }: { notice: Notice }) {
	const { t } = useTranslation("room");
	const session = useRoomSession();
	const text = useNoticeText();
	useEffect(() => {
		if (notice.stays) return;
		const timer = setTimeout(() => session.dismiss(notice.id), SHOWN_MS);
		return () => clearTimeout(timer);
	}, [session, notice]);
	return (
		<div
			className={classes.toast}
			data-tone={notice.tone}
			data-testid="toast"
			data-notice={notice.key}
		>
			<ToneIcon tone={notice.tone} size={24} />
			<div>
				<p>{text.notice(notice)}</p>
				{notice.action && (
					<div className={classes.action}>
						<ActionKey
							action={notice.action}
							onDone={() => session.dismiss(notice.id)}
						/>
					</div>
				)}
			</div>
			<button
				type="button"
				className={classes.close}
				aria-label={t("close")}
				onClick={() => session.dismiss(notice.id)}
			>
				<IconX size={20} stroke={1.9} aria-hidden="true" />
			</button>
		</div>
	);
}

/** The one thing that can be done about a notice where it stands. */
function ActionKey({
	action,
	onDone,
}: {
	action: NoticeAction;
	onDone: () => void;
}) {
	const { t } = useTranslation("room");
	const session = useRoomSession();
	return (
		<SmallKey
			testId={`toast-${action.type}`}
			onPress={() => {
				onDone();
				switch (action.type) {
					case "devices":
						session.showPanel("devices");
						return;
					case "retry":
						void session.devices.retry(action.device);
						return;
					case "readmit":
						void session.ask({
							type: "readmit",
							participant: action.participant,
						});
						return;
					default:
						action satisfies never;
				}
			}}
		>
			{t(`action.${action.type}`)}
		</SmallKey>
	);
}
