import { ActionIcon, TextInput } from "@mantine/core";
import { IconCalendar } from "@tabler/icons-react";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { formatDate, formatWeekday, sameDay, sayDuration } from "@/format";
import { type Problems, readTimes, type Times } from "./draft";
import classes from "./NewSession.module.css";

/** Date, begin and end, typed as Vietnamese officials write them; the weekday and the length are read back. */
export function When({
	draft,
	now,
	onChange,
	problems,
}: {
	draft: Times;
	/** The present in microseconds UTC: a date without a year is of this one. */
	now: number;
	onChange: (part: Partial<Times>) => void;
	problems: Problems;
}) {
	const { t, i18n } = useTranslation();
	const calendar = useRef<HTMLInputElement>(null);
	const { day, start, end } = readTimes(draft, now);

	return (
		<div>
			<div className={classes.when}>
				<TextInput
					label={t("create.date")}
					placeholder="dd/mm/yyyy"
					value={draft.date}
					inputMode="numeric"
					onChange={(event) => onChange({ date: event.currentTarget.value })}
					onBlur={() => day !== null && onChange({ date: formatDate(day) })}
					error={problems.date && t(`create.problem.${problems.date}`)}
					rightSectionWidth={48}
					rightSection={
						<ActionIcon
							variant="transparent"
							color="gray"
							size={40}
							aria-label={t("create.calendar")}
							onClick={() => calendar.current?.showPicker()}
						>
							<IconCalendar size={22} stroke={1.9} aria-hidden="true" />
						</ActionIcon>
					}
				/>
				<TextInput
					label={t("create.from")}
					className="fig"
					value={draft.from}
					onChange={(event) => onChange({ from: event.currentTarget.value })}
					error={problems.from && t(`create.problem.${problems.from}`)}
				/>
				<TextInput
					label={t("create.to")}
					className="fig"
					value={draft.to}
					onChange={(event) => onChange({ to: event.currentTarget.value })}
					error={problems.to && t(`create.problem.${problems.to}`)}
				/>
			</div>
			{/* The browser's own calendar: it comes with every platform and costs nothing; the text field above stays the one that is read. */}
			<input
				ref={calendar}
				className={classes.picker}
				type="date"
				tabIndex={-1}
				aria-hidden="true"
				onChange={(event) => {
					const [year, month, date] = event.currentTarget.value.split("-");
					if (date) onChange({ date: `${date}/${month}/${year}` });
				}}
			/>
			<p className={classes.hint}>
				{day !== null && formatWeekday(day, i18n.language)}
				{start !== null &&
					end !== null &&
					end > start &&
					`, ${sayDuration(t, end - start)}`}
				{start !== null &&
					end !== null &&
					!sameDay(start, end) &&
					`, ${t("create.overnight")}`}
			</p>
		</div>
	);
}
