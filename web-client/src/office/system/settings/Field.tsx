import { NativeSelect, TextInput } from "@mantine/core";
import { IconArrowBackUp } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Setting } from "@/protocol/generated/Setting";
import type { Settings } from "@/protocol/generated/Settings";
import { type Drafts, place, read, typed } from "./draft";
import classes from "./Settings.module.css";
import { useSay } from "./useSay";

/** What every part of the page shows and changes. */
export interface Part {
	state: Settings;
	drafts: Drafts;
	change: (where: string, draft: string | null) => void;
}

/** The control of a setting, and the way back to its default. A heavy edge is another value than that. */
export function Field({
	setting,
	state,
	drafts,
	change,
}: Part & { setting: Setting }) {
	const { t } = useTranslation();
	const say = useSay();
	const { key, shape } = setting;
	const where = place(key);
	const draft = drafts[where];
	// What was put back stands as the default does.
	const shown =
		draft === null ? typed(setting.default) : (draft ?? typed(setting.value));
	const isOwn = draft === undefined ? setting.is_own : draft !== null;
	const common = {
		size: "sm" as const,
		"aria-label": t(`settings.name.${key}`),
		value: shown,
		disabled: !state.may_change,
		className: classes.control,
		"data-own": (isOwn && shown !== typed(setting.default)) || undefined,
		onChange: (event: { currentTarget: { value: string } }) =>
			change(where, event.currentTarget.value),
	};
	const error =
		read(shape, shown) === undefined && shape.type === "number"
			? t("settings.between", { least: shape.least, most: shape.most })
			: null;
	return (
		<div className={classes.field}>
			{shape.type === "choice" ? (
				<NativeSelect
					{...common}
					data={shape.words.map((word) => ({
						value: word,
						label: say.value(key, word),
					}))}
				/>
			) : (
				<TextInput
					{...common}
					error={error}
					inputMode={shape.type === "number" ? "numeric" : "text"}
					maxLength={shape.type === "number" ? 9 : undefined}
					placeholder={
						setting.default === null ? say.default(setting) : undefined
					}
					rightSectionWidth={shape.type === "number" ? 64 : 0}
					rightSection={
						shape.type === "number" && (
							<span className={classes.unit}>
								{t(`settings.unit.${shape.unit}`)}
							</span>
						)
					}
				/>
			)}
			{state.may_change && setting.is_own && draft !== null && (
				<button
					type="button"
					className={classes.back}
					onClick={() => change(where, null)}
				>
					<IconArrowBackUp size={16} stroke={1.9} aria-hidden />
					{t("settings.back")}
					<span className="vh">: {t(`settings.name.${key}`)}</span>
				</button>
			)}
		</div>
	);
}
