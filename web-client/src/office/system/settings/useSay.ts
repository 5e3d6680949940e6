import { useTranslation } from "react-i18next";
import { formatDateTime, formatInteger } from "@/format";
import type { LastChange } from "@/protocol/generated/LastChange";
import type { Setting } from "@/protocol/generated/Setting";
import type { SettingKey } from "@/protocol/generated/SettingKey";
import type { SettingUnit } from "@/protocol/generated/SettingUnit";
import type { SettingValue } from "@/protocol/generated/SettingValue";
import type { Change } from "./draft";

/** The unit of each setting that is a number, for sentences about one. */
const units: Partial<Record<SettingKey, SettingUnit>> = {
	early_minutes: "minutes",
	max_interactive: "places",
	max_receive_only: "places",
	link_hours_after_end: "hours",
	guest_replay_days: "days",
	session_minutes: "minutes",
	sign_in_hours: "hours",
	link_sample_days: "days",
	sign_in_days: "days",
	meeting_recording_days: "days",
	briefing_recording_days: "days",
	conference_recording_days: "days",
	seminar_recording_days: "days",
	training_recording_days: "days",
	class_observation_recording_days: "days",
	online_meeting_rate: "percent",
	blended_class_rate: "percent",
	blended_content_rate: "percent",
	teacher_coverage: "percent",
};

/** How settings and their values are said. */
export function useSay() {
	const { t } = useTranslation();
	const value = (key: SettingKey, value: SettingValue | null): string => {
		if (value === null) {
			return t(
				key === "department_name" ? "settings.ofRoot" : "settings.unset",
			);
		}
		if (typeof value === "number") {
			const unit = units[key];
			const number = formatInteger(value);
			return unit === undefined ? number : t(`settings.${unit}`, { number });
		}
		if (key === "session_kind") return t(`kind.${value as "meeting"}`);
		if (key === "auto_record") {
			return t(`settings.autoRecord.${value as "never"}`);
		}
		return value;
	};
	return {
		value,
		/** The default of a setting. */
		default: (setting: Setting): string => value(setting.key, setting.default),
		/** "Mở phòng trước giờ: 60 phút thành 45 phút". */
		change: ({ write, before, after }: Change): string => {
			const name = t(`settings.name.${write.key}`);
			return t("settings.change", {
				name: write.year === undefined ? name : `${name} ${write.year}`,
				before: value(write.key, before),
				after: value(write.key, after),
			});
		},
		/** Who changed something last. */
		last: (changed: LastChange | null): string =>
			changed === null
				? t("settings.nobody")
				: t("settings.last", {
						name: changed.by ?? t("settings.server"),
						at: formatDateTime(changed.at_us),
					}),
	};
}
