import { useTranslation } from "react-i18next";
import { ToneIcon } from "@/kit/Status";
import { useNoticeText } from "@/room/view/noticeText";
import type { Judgement } from "./judge";
import classes from "./Lobby.module.css";

/** What was found in one sentence, with the one remedy. */
export function Verdict({ verdict }: { verdict: Judgement }) {
	const { t } = useTranslation("room");
	const text = useNoticeText();
	return (
		<div
			className={classes.verdict}
			data-tone={verdict.tone}
			data-testid="verdict"
			data-verdict={verdict.key}
			role="status"
		>
			<ToneIcon tone={verdict.tone} size={32} />
			<div>
				<b>{t(`verdict.${verdict.key}`)}</b>
				{verdict.fault ? (
					<p>{text.fault(verdict.fault, t("lobby.again"))}</p>
				) : (
					<p>{t(`verdict.${verdict.key}_do`)}</p>
				)}
			</div>
		</div>
	);
}
