import { Checkbox, TextInput } from "@mantine/core";
import {
	IconChevronDown,
	IconChevronRight,
	IconSearch,
} from "@tabler/icons-react";
import { type CSSProperties, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { UnitRow } from "@/protocol/generated/UnitRow";
import { useKindWord } from "./kind";
import classes from "./TreeList.module.css";
import { above, type Forest, isFound, lines, marked } from "./tree";

/** How many lines are drawn at most: more than anybody reads, and no burden to a weak machine. */
const mostLines = 400;

/** The tree with its search, and those that are no more. */
export function TreeList({
	forest,
	today,
	chosen,
	find,
	onFind,
	onChoose,
}: {
	forest: Forest;
	today: string;
	chosen: string | undefined;
	find: string;
	onFind: (find: string) => void;
	onChoose: (code: string) => void;
}) {
	const { t } = useTranslation();
	const [open, setOpen] = useState<ReadonlySet<string>>(
		() =>
			new Set([
				...(forest.children.get("") ?? []).map(({ code }) => code),
				...(chosen === undefined ? [] : above(forest, chosen)),
			]),
	);
	const [showsEnded, setShowsEnded] = useState(true);
	const list = useRef<HTMLDivElement>(null);
	// What was chosen in the panel is opened and brought into sight here.
	useEffect(() => {
		if (chosen === undefined) return;
		setOpen((before) => new Set([...before, ...above(forest, chosen)]));
		const frame = requestAnimationFrame(() =>
			list.current
				?.querySelector('[aria-current="true"]')
				?.scrollIntoView({ block: "nearest" }),
		);
		return () => cancelAnimationFrame(frame);
	}, [chosen, forest]);
	const toggle = (code: string) =>
		setOpen((before) => {
			const after = new Set(before);
			if (!after.delete(code)) after.add(code);
			return after;
		});

	const all = lines(forest, open, find);
	const searches = find.trim() !== "";
	const found = searches
		? [...forest.byCode.values()].filter(
				(unit) => !unit.ended && isFound(unit, find),
			).length
		: forest.count;
	const ended = showsEnded
		? forest.ended.filter((unit) => isFound(unit, find))
		: [];
	const shownEnded = ended.slice(0, searches ? mostLines : 50);

	return (
		<div className={classes.tree}>
			<div className={classes.search}>
				<TextInput
					aria-label={t("units.find")}
					placeholder={t("units.findHint")}
					type="search"
					leftSection={<IconSearch size={20} aria-hidden="true" />}
					value={find}
					onChange={(event) => onFind(event.currentTarget.value)}
				/>
				<p role="status">
					{t(searches ? "units.found" : "units.count", { count: found })}
				</p>
			</div>
			<div className={classes.scroll} ref={list}>
				<ul aria-label={t("units.tree")}>
					{all.slice(0, mostLines).map((line) => (
						<li
							key={line.unit.code}
							style={{ "--depth": line.depth } as CSSProperties}
							data-chosen={line.unit.code === chosen || undefined}
						>
							{line.hasChildren ? (
								<button
									type="button"
									className={classes.toggle}
									aria-expanded={line.open}
									aria-label={t(line.open ? "units.shut" : "units.open", {
										name: line.unit.name,
									})}
									disabled={searches}
									onClick={() => toggle(line.unit.code)}
								>
									{line.open ? (
										<IconChevronDown size={18} aria-hidden="true" />
									) : (
										<IconChevronRight size={18} aria-hidden="true" />
									)}
								</button>
							) : (
								<span className={classes.toggle} />
							)}
							<Unit
								unit={line.unit}
								today={today}
								isChosen={line.unit.code === chosen}
								find={find}
								onChoose={onChoose}
							/>
						</li>
					))}
				</ul>
				{all.length > mostLines && (
					<p className={classes.more}>
						{t("units.more", { count: all.length - mostLines })}
					</p>
				)}
				{all.length === 0 && ended.length === 0 && (
					<p className={classes.more}>
						{t(searches ? "units.noneFound" : "units.none")}
					</p>
				)}
				{ended.length > 0 && (
					<>
						<h2>{t("units.endedCount", { count: ended.length })}</h2>
						<ul className={classes.ended}>
							{shownEnded.map((unit) => (
								<li
									key={unit.code}
									data-chosen={unit.code === chosen || undefined}
								>
									<span className={classes.toggle} />
									<Unit
										unit={unit}
										today={today}
										isChosen={unit.code === chosen}
										find={find}
										onChoose={onChoose}
									/>
								</li>
							))}
						</ul>
						{ended.length > shownEnded.length && (
							<p className={classes.more}>
								{t("units.more", { count: ended.length - shownEnded.length })}
							</p>
						)}
					</>
				)}
			</div>
			{forest.ended.length > 0 && (
				<div className={classes.foot}>
					<Checkbox
						label={t("units.showEnded")}
						checked={showsEnded}
						onChange={(event) => setShowsEnded(event.currentTarget.checked)}
					/>
				</div>
			)}
		</div>
	);
}

/** A unit as a key: its name with what was searched for, its kind, and whether it is planned or no more. */
function Unit({
	unit,
	today,
	isChosen,
	find,
	onChoose,
}: {
	unit: UnitRow;
	today: string;
	isChosen: boolean;
	find: string;
	onChoose: (code: string) => void;
}) {
	const { t } = useTranslation();
	const kindWord = useKindWord();
	const name = marked(unit.name, find).map((part, index) =>
		part.found ? (
			// biome-ignore lint/suspicious/noArrayIndexKey: the parts of one name never move.
			<mark key={index}>{part.text}</mark>
		) : (
			part.text
		),
	);
	const beside = unit.ended
		? unit.became.length > 0
			? t("units.now", {
					names: `${unit.became[0]?.name}${unit.became.length > 1 ? "…" : ""}`,
				})
			: t("units.noHeir")
		: kindWord(unit.kind);
	return (
		<button
			type="button"
			className={classes.unit}
			aria-current={isChosen || undefined}
			onClick={() => onChoose(unit.code)}
		>
			<span className={classes.name}>{unit.ended ? <s>{name}</s> : name}</span>
			{!unit.ended && unit.from > today ? (
				<span className={classes.planned}>{t("units.planned")}</span>
			) : (
				<small>{beside}</small>
			)}
		</button>
	);
}
