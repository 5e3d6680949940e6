import { ActionIcon, Button, TextInput } from "@mantine/core";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { type CSSProperties, type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import {
	addDays,
	daysBetween,
	formatIsoDay,
	readIsoDay,
	startOfIsoDay,
} from "@/format";
import type { TreeDay } from "@/protocol/generated/TreeDay";
import { useServer } from "@/session";
import classes from "./DayBar.module.css";

/** Whose day is shown: a field, the days on which something changes, and a line to draw along. */
export function DayBar({
	day,
	today,
	days,
	onChange,
	children,
}: {
	day: string;
	today: string;
	days: readonly TreeDay[];
	onChange: (day: string) => void;
	/** At the right end. */
	children?: ReactNode;
}) {
	const { t } = useTranslation();
	const before = days.filter((one) => one.day < day).at(-1)?.day;
	const after = days.find((one) => one.day > day)?.day;
	return (
		<div className={classes.bar}>
			<h1>{t("units.heading")}</h1>
			<DayField key={day} day={day} onChange={onChange} />
			<div className={classes.travel}>
				<ActionIcon
					variant="default"
					size={40}
					aria-label={t("units.before")}
					disabled={before === undefined}
					onClick={() => before !== undefined && onChange(before)}
				>
					<IconChevronLeft size={20} aria-hidden="true" />
				</ActionIcon>
				<TimeLine day={day} today={today} days={days} onChange={onChange} />
				<ActionIcon
					variant="default"
					size={40}
					aria-label={t("units.after")}
					disabled={after === undefined}
					onClick={() => after !== undefined && onChange(after)}
				>
					<IconChevronRight size={20} aria-hidden="true" />
				</ActionIcon>
			</div>
			{day !== today && (
				<Button size="sm" onClick={() => onChange(today)}>
					{t("units.toToday")}
				</Button>
			)}
			{children}
		</div>
	);
}

/** The day as people write it. */
function DayField({
	day,
	onChange,
}: {
	day: string;
	onChange: (day: string) => void;
}) {
	const { t } = useTranslation();
	const { nowUs } = useServer();
	const [text, setText] = useState(formatIsoDay(day));
	const [bad, setBad] = useState(false);
	const take = () => {
		const read = readIsoDay(text, nowUs());
		setBad(read === null);
		if (read !== null && read !== day) onChange(read);
	};
	return (
		<form
			className={classes.field}
			onSubmit={(event) => {
				event.preventDefault();
				take();
			}}
		>
			<TextInput
				aria-label={t("units.day")}
				inputMode="numeric"
				value={text}
				error={bad && t("units.badDay")}
				onChange={(event) => setText(event.currentTarget.value)}
				onBlur={take}
			/>
		</form>
	);
}

/** Some days before and after what matters: today, the day shown, and the changes near them. */
function TimeLine({
	day,
	today,
	days,
	onChange,
}: {
	day: string;
	today: string;
	days: readonly TreeDay[];
	onChange: (day: string) => void;
}) {
	const { t } = useTranslation();
	const [drawn, setDrawn] = useState<string | null>(null);
	// What is drawn is asked for when the hand rests, and forgotten when it is shown.
	useEffect(() => {
		if (drawn === null) return;
		if (drawn === day) {
			setDrawn(null);
			return;
		}
		const timer = setTimeout(() => onChange(drawn), 250);
		return () => clearTimeout(timer);
	}, [drawn, day, onChange]);
	const shown = drawn ?? day;
	const edges = [
		day,
		today,
		...days.filter(isNear(today)).map((one) => one.day),
	];
	const first = addDays(edges.reduce(earlier), -45);
	const last = addDays(edges.reduce(later), 60);
	const length = Math.max(1, daysBetween(first, last));
	const share = (other: string) => daysBetween(first, other) / length;
	const at = (other: string): CSSProperties => ({
		left: `${share(other) * 100}%`,
	});
	// Words at an end of the line begin or end there.
	const edge = (other: string) =>
		share(other) < 0.15 ? "start" : share(other) > 0.8 ? "end" : undefined;
	const marks = days.filter((one) => one.day >= first && one.day <= last);
	const named = spread(marks, length);
	return (
		<div className={classes.line}>
			<span className={classes.today} style={at(today)} data-edge={edge(today)}>
				{t("units.today", { day: formatIsoDay(today) })}
			</span>
			<div className={classes.track} aria-hidden="true">
				{marks.map((one) => (
					<i key={one.day} style={at(one.day)} />
				))}
			</div>
			<input
				type="range"
				aria-label={t("units.slider")}
				aria-valuetext={formatIsoDay(shown)}
				min={0}
				max={length}
				value={Math.min(length, Math.max(0, daysBetween(first, shown)))}
				onChange={(event) =>
					setDrawn(addDays(first, Number(event.currentTarget.value)))
				}
			/>
			<div className={classes.marks} aria-hidden="true">
				{named.map((one) => (
					<span key={one.day} style={at(one.day)} data-edge={edge(one.day)}>
						<b>{formatIsoDay(one.day)}</b>{" "}
						<small>
							{one.day > today
								? t("units.planned")
								: t("units.changes", { count: one.changes })}
						</small>
					</span>
				))}
			</div>
		</div>
	);
}

const earlier = (a: string, b: string) => (a < b ? a : b);
const later = (a: string, b: string) => (a > b ? a : b);

/** Whether a change lies within two years of today. */
const isNear =
	(today: string) =>
	({ day }: TreeDay) =>
		Math.abs(daysBetween(today, day)) <= 730 && startOfIsoDay(day) !== null;

/** Of changes that lie close to each other on the line, the one with most to say. */
function spread(marks: readonly TreeDay[], length: number): TreeDay[] {
	const chosen: TreeDay[] = [];
	for (const mark of [...marks].sort((a, b) => b.changes - a.changes)) {
		const isFree = chosen.every(
			(other) => Math.abs(daysBetween(other.day, mark.day)) > length * 0.3,
		);
		if (isFree) chosen.push(mark);
	}
	return chosen;
}
