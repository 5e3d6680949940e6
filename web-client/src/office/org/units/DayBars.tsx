import type { CSSProperties } from "react";
import { useTranslation } from "react-i18next";
import { addDays, daysBetween, formatIsoDay } from "@/format";
import type { UnitDetail } from "@/protocol/generated/UnitDetail";
import classes from "./DayBars.module.css";

interface Bar {
	label: string;
	from: string;
	to: string | null;
	note: string;
}

/** The versions of a unit as bars over days, with a line at the day that is looked at. */
export function DayBars({
	detail,
	day,
	today,
}: {
	detail: UnitDetail;
	day: string;
	today: string;
}) {
	const { t } = useTranslation();
	const bars: Bar[] = detail.versions.map(({ name, parent, from, to }) => ({
		label: parent === null ? name : `${name}, ${parent.name}`,
		from,
		to,
		note:
			to === null
				? t("units.from", { from: formatIsoDay(from) })
				: t("units.span", { from: formatIsoDay(from), to: formatIsoDay(to) }),
	}));
	const ends = [
		day,
		today,
		...bars.flatMap(({ from, to }) => [from, to ?? from]),
	];
	const sorted = [...ends].sort();
	// What began long ago begins at the left edge.
	const last = addDays(sorted.at(-1) ?? today, 120);
	const earliest = addDays(sorted[0] ?? today, -60);
	const window = addDays(last, -1_100);
	const first = earliest < window ? window : earliest;
	const length = Math.max(1, daysBetween(first, last));
	const place = (at: string) =>
		Math.min(100, Math.max(0, (daysBetween(first, at) / length) * 100));
	const style = ({ from, to }: Bar): CSSProperties => {
		const left = place(from);
		return {
			left: `${left}%`,
			width: `${Math.max(1, place(to ?? last) - left)}%`,
		};
	};
	return (
		<ul className={classes.bars}>
			{bars.map((bar) => (
				<li key={bar.from}>
					<span>{bar.label}</span>
					<span className={classes.track} aria-hidden="true">
						<i
							style={style(bar)}
							data-planned={bar.from > today || undefined}
						/>
						<u style={{ left: `${place(day)}%` }} />
					</span>
					<small className="fig">{bar.note}</small>
				</li>
			))}
		</ul>
	);
}
