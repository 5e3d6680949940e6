import { Button } from "@mantine/core";
import { IconArrowLeft, IconPencil, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { formatIsoDay } from "@/format";
import { Card, Loaded } from "@/kit";
import type { UnitDetail } from "@/protocol/generated/UnitDetail";
import type { UnitSuccession } from "@/protocol/generated/UnitSuccession";
import type { UnitTree } from "@/protocol/generated/UnitTree";
import { useServer } from "@/session";
import { unitQuery } from "../api";
import type { Act } from "../decision/draft";
import { DayBars } from "./DayBars";
import { useKindWord } from "./kind";
import type { Forest } from "./tree";
import classes from "./UnitPanel.module.css";

/** A unit: how it stands on the day, how it stood, what stands below it, its points, and what became of it. */
export function UnitPanel({
	code,
	day,
	tree,
	forest,
	onChoose,
	onBack,
	onDecide,
}: {
	code: string;
	/** The day in the address; today when absent. */
	day: string | undefined;
	tree: UnitTree;
	forest: Forest;
	onChoose: (code: string) => void;
	/** To the tree, where it is not beside this. */
	onBack: () => void;
	/** Begins a decision about this unit. */
	onDecide: (act: Act) => void;
}) {
	const { t } = useTranslation();
	const server = useServer();
	const query = useQuery(unitQuery(server, code, day));
	return (
		<div className={classes.panel}>
			<Button
				className={classes.back}
				size="sm"
				leftSection={<IconArrowLeft size={18} aria-hidden="true" />}
				onClick={onBack}
			>
				{t("units.tree")}
			</Button>
			<Loaded
				query={query}
				what={t("units.oneWhat")}
				rows={6}
				frame={(waiting) => <Card>{waiting}</Card>}
			>
				{(detail) => (
					<Detail
						detail={detail}
						tree={tree}
						forest={forest}
						onChoose={onChoose}
						onDecide={onDecide}
					/>
				)}
			</Loaded>
		</div>
	);
}

function Detail({
	detail,
	tree,
	forest,
	onChoose,
	onDecide,
}: {
	detail: UnitDetail;
	tree: UnitTree;
	forest: Forest;
	onChoose: (code: string) => void;
	onDecide: (act: Act) => void;
}) {
	const { t } = useTranslation();
	const kindWord = useKindWord();
	const { unit, above, points } = detail;
	const planned = !unit.ended && unit.from > tree.today;
	return (
		<>
			<div className={classes.head}>
				<div>
					<h2>
						{unit.ended ? <s>{unit.name}</s> : unit.name}
						{planned && (
							<span className={classes.planned}>{t("units.plannedLong")}</span>
						)}
						{unit.ended && (
							<span className={classes.ended}>{t("units.ended")}</span>
						)}
					</h2>
					<Where detail={detail} />
				</div>
				<div className={classes.keys}>
					{detail.may.includes("add_below") && (
						<Button
							leftSection={<IconPlus size={18} aria-hidden="true" />}
							onClick={() => onDecide("add")}
						>
							{t("decision.addBelow")}
						</Button>
					)}
					{detail.may.includes("change") && (
						<Button
							leftSection={<IconPencil size={18} aria-hidden="true" />}
							onClick={() => onDecide("rename")}
						>
							{t("decision.edit")}
						</Button>
					)}
				</div>
			</div>
			<Card className={classes.card}>
				<h3>{t("units.byDay")}</h3>
				<DayBars detail={detail} day={tree.day} today={tree.today} />
			</Card>
			<div className={classes.columns}>
				<Below code={unit.code} forest={forest} onChoose={onChoose} />
				<div className={classes.right}>
					<Card className={classes.card}>
						<h3 className="vh">{t("units.facts")}</h3>
						<dl className={classes.facts}>
							<dt>{t("units.kind")}</dt>
							<dd>{kindWord(unit.kind)}</dd>
							<dt>{t("units.code")}</dt>
							<dd className="fig">{unit.code}</dd>
							<dt>{t("units.people")}</dt>
							<dd className="fig">{unit.people}</dd>
							{above[0] && (
								<>
									<dt>{t("units.parent")}</dt>
									<dd>{above.map(({ name }) => name).join(" › ")}</dd>
								</>
							)}
						</dl>
					</Card>
					<Card className={classes.card}>
						<h3>
							{points.length === 0
								? t("units.noPoints")
								: t("units.pointsHere", { count: points.length })}
						</h3>
						<ul className={classes.points}>
							{points.map(({ point, host, from }) => (
								<li key={point.code}>
									<span className={`fig ${classes.plate}`}>{point.number}</span>
									<span>
										<b>{point.name}</b>
										<small>
											{t(host ? "units.hosts" : "units.serves", {
												day: formatIsoDay(from),
											})}
										</small>
									</span>
								</li>
							))}
						</ul>
					</Card>
					<Successions
						title={t("units.cameFrom")}
						rows={detail.came_from}
						onChoose={onChoose}
					/>
					<Successions
						title={t("units.became")}
						rows={detail.became}
						onChoose={onChoose}
					/>
				</div>
			</div>
		</>
	);
}

/** Below whom it stands, or stood last. */
function Where({ detail: { unit, above } }: { detail: UnitDetail }) {
	const { t } = useTranslation();
	const day = formatIsoDay(unit.ended && unit.to ? unit.to : unit.from);
	const parent = above[0]?.name;
	if (parent === undefined) {
		return (
			<p>{t(unit.ended ? "units.lastedAtTop" : "units.atTop", { day })}</p>
		);
	}
	return (
		<p>{t(unit.ended ? "units.lasted" : "units.under", { parent, day })}</p>
	);
}

/** The units right below. */
function Below({
	code,
	forest,
	onChoose,
}: {
	code: string;
	forest: Forest;
	onChoose: (code: string) => void;
}) {
	const { t } = useTranslation();
	const kindWord = useKindWord();
	const units = forest.children.get(code) ?? [];
	return (
		<Card className={classes.below}>
			<h3>
				{units.length === 0
					? t("units.noneBelow")
					: t("units.below", { count: units.length })}
			</h3>
			{units.length > 0 && (
				<section className={classes.scroll} aria-label={t("units.tree")}>
					<table>
						<thead>
							<tr>
								<th scope="col">{t("units.unit")}</th>
								<th scope="col">{t("units.code")}</th>
								<th scope="col">{t("units.kind")}</th>
								<th scope="col" className={classes.number}>
									{t("units.people")}
								</th>
							</tr>
						</thead>
						<tbody>
							{units.map((unit) => (
								<tr key={unit.code}>
									<th scope="row">
										<button
											type="button"
											className={classes.link}
											onClick={() => onChoose(unit.code)}
										>
											{unit.name}
										</button>
									</th>
									<td className="fig">{unit.code}</td>
									<td>{kindWord(unit.kind)}</td>
									<td className={`fig ${classes.number}`}>{unit.people}</td>
								</tr>
							))}
						</tbody>
					</table>
				</section>
			)}
		</Card>
	);
}

/** What one came from, or became. */
function Successions({
	title,
	rows,
	onChoose,
}: {
	title: string;
	rows: UnitSuccession[];
	onChoose: (code: string) => void;
}) {
	const { t } = useTranslation();
	if (rows.length === 0) return null;
	return (
		<Card className={classes.card}>
			<h3>{title}</h3>
			<ul className={classes.successions}>
				{rows.map(({ unit, kind, day }) => (
					<li key={`${unit?.code} ${kind} ${day}`}>
						{unit === null ? (
							t("units.closedAlone")
						) : (
							<>
								<button
									type="button"
									className={classes.link}
									onClick={() => onChoose(unit.code)}
								>
									{unit.name}
								</button>
								, {t(`units.succession.${kind}`)}
							</>
						)}
						<small>{formatIsoDay(day)}</small>
					</li>
				))}
			</ul>
		</Card>
	);
}
