import { useTranslation } from "react-i18next";
import { formatDay, formatTime, sameDay, seatName } from "@/format";
import { Tag } from "@/kit";
import type { LinkPreview } from "@/protocol/generated/LinkPreview";
import { useNow } from "@/session/useNow";
import { RecordingNotice } from "@/shared/session/RecordingNotice";
import { isOver } from "@/shared/session/times";
import { stateTones } from "@/shared/session/tones";
import classes from "./JoiningLink.module.css";

/** The meeting that a link leads to: what, when, who convenes it, for whom the link is, and whether it is recorded. */
export function Destination({ preview }: { preview: LinkPreview }) {
	const { t, i18n } = useTranslation();
	const now = useNow(30_000);
	const { state, opens_at_us: opensAt, bridge_point: point } = preview;
	const whom = point ? seatName(point) : (preview.name ?? t("session.anyName"));
	return (
		<>
			<h1>{preview.title}</h1>
			<p className={classes.tags}>
				<Tag tone={stateTones[state]}>{t(`state.${state}`)}</Tag>
				{state === "planned" && (
					<span>
						{sameDay(opensAt, now)
							? t("session.opensAt", { time: formatTime(opensAt) })
							: t("session.opensOn", {
									time: formatTime(opensAt),
									date: formatDay(opensAt, i18n.language),
								})}
					</span>
				)}
			</p>
			<dl className={classes.facts}>
				<dt>{t(isOver(state) ? "link.planned" : "link.when")}</dt>
				<dd>
					{formatDay(preview.starts_at_us, i18n.language)},{" "}
					<span className="fig">
						{formatTime(preview.starts_at_us)}–{formatTime(preview.ends_at_us)}
					</span>
				</dd>
				<dt>{t("link.convenes")}</dt>
				<dd>{preview.convening_unit.name}</dd>
				{preview.chair !== null && (
					<>
						<dt>{t("link.chair")}</dt>
						<dd>{preview.chair}</dd>
					</>
				)}
				<dt>{t("link.code")}</dt>
				<dd className="fig">{preview.session}</dd>
				<dt>{t("link.asWhom")}</dt>
				<dd>
					{t(`sessionRole.${preview.role}`)}: {whom}
				</dd>
			</dl>
			<RecordingNotice
				automatic={preview.auto_record}
				keptUntilUs={preview.kept_until_us}
			/>
		</>
	);
}
