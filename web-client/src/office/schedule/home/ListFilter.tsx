import { Button, NativeSelect } from "@mantine/core";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import type { UnitRef } from "@/protocol/generated/UnitRef";
import type { SessionFilter } from "../api";
import { allKinds } from "../kinds";
import { isChosen, readFilter } from "./filter";
import classes from "./Home.module.css";

/** Which sessions the lists of the page show, how many these are, and the way back to all. */
export function ListFilter({
	filter,
	units,
	found,
	onChange,
}: {
	filter: SessionFilter;
	/** The units to choose from. */
	units: UnitRef[];
	/** How many sessions are as chosen; undefined while nobody knows. */
	found: number | undefined;
	onChange: (filter: SessionFilter) => void;
}) {
	const { t } = useTranslation();
	const first = useRef<HTMLSelectElement>(null);
	const change = (part: Record<string, string>) =>
		onChange(readFilter({ ...filter, ...part }));
	// An address that somebody sent may name a unit of which nothing is listed here.
	const other =
		filter.unit !== undefined && units.every(({ code }) => code !== filter.unit)
			? filter.unit
			: null;
	return (
		<div className={classes.filter}>
			<NativeSelect
				ref={first}
				size="md"
				label={t("home.kind")}
				value={filter.kind ?? ""}
				onChange={(event) => change({ kind: event.currentTarget.value })}
				data={[
					{ value: "", label: t("home.everyKind") },
					...allKinds.map((kind) => ({
						value: kind,
						label: t(`kind.${kind}`),
					})),
				]}
			/>
			<NativeSelect
				size="md"
				label={t("home.unit")}
				value={filter.unit ?? ""}
				onChange={(event) => change({ unit: event.currentTarget.value })}
				data={[
					{ value: "", label: t("home.everyUnit") },
					...(other === null
						? []
						: [{ value: other, label: t("home.otherUnit", { code: other }) }]),
					...units.map(({ code, name }) => ({ value: code, label: name })),
				]}
			/>
			<div className={classes.found}>
				<p role="status">
					{isChosen(filter) &&
						found !== undefined &&
						(found === 0
							? t("home.noneOfThese")
							: t("home.found", { count: found }))}
				</p>
				{isChosen(filter) && (
					<Button
						onClick={() => {
							onChange({});
							// This key goes with what it cleared.
							first.current?.focus();
						}}
					>
						{t("home.clearFilter")}
					</Button>
				)}
			</div>
		</div>
	);
}
