import { TextInput } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { formatIsoDay } from "@/format";
import { Card } from "@/kit";
import type { SettingKey } from "@/protocol/generated/SettingKey";
import type { TargetYear } from "@/protocol/generated/TargetYear";
import { percent, place, read, typed } from "./draft";
import type { Part } from "./Field";
import classes from "./Settings.module.css";
import { useSay } from "./useSay";

/** How many years the server takes ahead of the present one. */
const mostAhead = 9;

/** What the department aims at, a column a year. A target of a year that is over stands. */
export function Targets(part: Part) {
	const { t } = useTranslation();
	const say = useSay();
	const [more, setMore] = useState(0);
	const known = part.state.years;
	const last = known.at(-1)?.year ?? 0;
	const years: Pick<TargetYear, "year" | "is_over" | "targets">[] = [
		...known,
		...Array.from({ length: more }, (_, index) => ({
			year: last + index + 1,
			is_over: false,
			targets: [],
		})),
	];
	const present = known.find((year) => !year.is_over);
	const keys = known[0]?.targets.map((target) => target.key) ?? [];
	const newest = known
		.flatMap((year) => year.targets.map((target) => target.changed))
		.filter((changed) => changed !== null)
		.sort((one, other) => other.at_us - one.at_us)[0];
	return (
		<Card className={classes.card}>
			<section aria-labelledby="settings-targets">
				<div className={classes.head}>
					<h2 id="settings-targets">{t("settings.group.targets")}</h2>
					{part.state.may_change &&
						years.length < known.length + mostAhead - 1 && (
							<button
								type="button"
								className={classes.more}
								onClick={() => setMore(more + 1)}
							>
								{t("settings.moreYears")}
							</button>
						)}
				</div>
				<div className={classes.scroll}>
					<table className={classes.years}>
						<thead>
							<tr>
								<th scope="col">{t("settings.target")}</th>
								{years.map(({ year, is_over }) => (
									<th key={year} scope="col" className="fig">
										{is_over && <IconLock size={14} stroke={1.9} aria-hidden />}{" "}
										{year}
									</th>
								))}
							</tr>
						</thead>
						<tbody>
							{keys.map((key) => (
								<tr key={key}>
									<th scope="row">{t(`settings.name.${key}`)}</th>
									{years.map((year) => (
										<td key={year.year} className="fig">
											<Target {...part} of={key} year={year} />
										</td>
									))}
								</tr>
							))}
						</tbody>
					</table>
				</div>
				<p className={classes.small}>
					{present !== undefined &&
						t("settings.reportYear", {
							year: present.year,
							from: formatIsoDay(present.from),
							to: formatIsoDay(present.to),
						})}{" "}
					{newest !== undefined && say.last(newest)}
				</p>
			</section>
		</Card>
	);
}

function Target({
	of: key,
	year: { year, is_over, targets },
	state,
	drafts,
	change,
}: Part & {
	of: SettingKey;
	year: Pick<TargetYear, "year" | "is_over" | "targets">;
}) {
	const { t } = useTranslation();
	const stands = targets.find((target) => target.key === key)?.percent ?? null;
	if (!state.may_change || (is_over && stands !== null)) {
		return stands ?? "–";
	}
	const where = place(key, year);
	const shown = drafts[where] ?? typed(stands);
	return (
		<TextInput
			size="sm"
			className={classes.percent}
			aria-label={t("settings.targetOf", {
				name: t(`settings.name.${key}`),
				year,
			})}
			value={shown}
			inputMode="numeric"
			maxLength={3}
			error={read(percent, shown) === undefined ? t("settings.to100") : null}
			onChange={(event) => change(where, event.currentTarget.value)}
		/>
	);
}
