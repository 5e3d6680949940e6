import { NativeSelect } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { UnitRef } from "@/protocol/generated/UnitRef";
import type { SessionFilter } from "../api";
import { allKinds, readFilter } from "./filter";
import classes from "./Home.module.css";

/** Which sessions the lists of the page show. */
export function ListFilter({
	filter,
	units,
	onChange,
}: {
	filter: SessionFilter;
	units: UnitRef[];
	onChange: (filter: SessionFilter) => void;
}) {
	const { t } = useTranslation();
	const change = (part: Record<string, string>) =>
		onChange(
			readFilter(
				Object.fromEntries(
					Object.entries({ ...filter, ...part }).filter(([, said]) => said),
				),
			),
		);
	return (
		<div className={classes.filter}>
			<NativeSelect
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
					...units.map(({ code, name }) => ({ value: code, label: name })),
				]}
			/>
		</div>
	);
}
