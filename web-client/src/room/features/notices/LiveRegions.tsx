import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { nameOf } from "@/room/state/selectors";
import { useNoticeText } from "@/room/view/noticeText";
import { useRoom } from "@/room/view/useRoom";

/** The least time between two announcements of who speaks, in milliseconds. */
const SPEAKER_MS = 5_000;

/** What a screen reader says: urgent notices at once, the others and the speaker when there is a pause. */
export function LiveRegions() {
	const { t } = useTranslation("room");
	const text = useNoticeText();
	const { urgent, polite } = useRoom(({ notices }) => ({
		urgent: notices.filter((notice) => notice.urgent).at(-1) ?? null,
		polite: notices.filter((notice) => !notice.urgent).at(-1) ?? null,
	}));
	const speaker = useRoom((view) =>
		view.speaker && view.room && view.speaker !== view.you
			? nameOf(view.room, view.speaker)
			: "",
	);
	const said = useAtMostEvery(speaker, SPEAKER_MS);
	return (
		<div className="vh">
			<p aria-live="assertive">{urgent && text.notice(urgent)}</p>
			<p aria-live="polite">{polite && text.notice(polite)}</p>
			<p aria-live="polite">{said && t("stage.speaks", { name: said })}</p>
		</div>
	);
}

/** The value, changing at most once in a while and ending with the newest. */
function useAtMostEvery(value: string, ms: number): string {
	const [shown, setShown] = useState({ value, at: Number.NEGATIVE_INFINITY });
	useEffect(() => {
		if (value === shown.value) return;
		const wait = Math.max(0, shown.at + ms - performance.now());
		const timer = setTimeout(
			() => setShown({ value, at: performance.now() }),
			wait,
		);
		return () => clearTimeout(timer);
	}, [value, shown, ms]);
	return shown.value;
}
