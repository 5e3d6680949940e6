import { IconArrowRight } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { formatIsoDay } from "@/format";
import type { UnitChangeEffect } from "@/protocol/generated/UnitChangeEffect";
import type { UnitShift } from "@/protocol/generated/UnitShift";
import { useKindWord } from "../units/kind";
import classes from "./Decision.module.css";

/** How many units are told one by one. */
const mostUnits = 60;

/** What a decision moves: units old and new, then counts with names. */
export function Effect({
	effect,
	day,
}: {
	effect: UnitChangeEffect;
	day: string;
}) {
	const { t } = useTranslation();
	return (
		<>
			<ul className={classes.shifts}>
				{effect.units.slice(0, mostUnits).map((shift) => (
					<Shift key={shift.code} shift={shift} day={day} />
				))}
			</ul>
			{effect.units.length > mostUnits && (
				<p className={classes.quiet}>
					{t("decision.moreUnits", { count: effect.units.length - mostUnits })}
				</p>
			)}
			<table className={classes.moved}>
				<thead>
					<tr>
						<th scope="col">{t("decision.thing")}</th>
						<th scope="col">{t("decision.count")}</th>
						<th scope="col">{t("decision.afterwards")}</th>
					</tr>
				</thead>
				<tbody>
					{effect.moved.map(({ kind, moved, ended, names }) => (
						<tr key={kind}>
							<th scope="row">{t(`decision.kinds.${kind}`)}</th>
							<td className="fig">{moved + ended}</td>
							<td>
								{[
									moved > 0 && t(`decision.moves.${kind}`, { count: moved }),
									ended > 0 && t("decision.ends", { count: ended }),
								]
									.filter(Boolean)
									.join("; ")}
								<small>
									{names.join(", ")}
									{moved + ended > names.length && names.length > 0 && "…"}
								</small>
							</td>
						</tr>
					))}
					<tr>
						<th scope="row">{t("decision.reports")}</th>
						<td className="fig">0</td>
						<td>{t("decision.reportsStay", { day: formatIsoDay(day) })}</td>
					</tr>
				</tbody>
			</table>
		</>
	);
}

/** A unit: the old struck, an arrow, the new. */
function Shift({ shift, day }: { shift: UnitShift; day: string }) {
	const { t } = useTranslation();
	const kindWord = useKindWord();
	const { before, after, heir } = shift;
	const told = (standing: NonNullable<UnitShift["before"]>) =>
		[
			standing.name,
			kindWord(standing.kind),
			standing.parent && t("decision.below", { name: standing.parent.name }),
		]
			.filter(Boolean)
			.join(", ");
	return (
		<li>
			{before ? <s>{told(before)}</s> : <span>{t("decision.isNew")}</span>}
			<IconArrowRight size={16} aria-hidden="true" />
			<b>
				{after
					? told(after)
					: heir
						? t("decision.endsTo", { name: heir.name })
						: t("decision.endsAlone")}
			</b>{" "}
			<small className="fig">
				{shift.code}, {formatIsoDay(day)}
			</small>
		</li>
	);
}
