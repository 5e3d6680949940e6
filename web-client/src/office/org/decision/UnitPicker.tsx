import { Select } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { matches } from "@/format";
import type { UnitRow } from "@/protocol/generated/UnitRow";

/** A unit chosen by typing a part of its name or code, with or without diacritics. */
export function UnitPicker({
	label,
	description,
	units,
	value,
	clearable = false,
	onChange,
}: {
	label: string;
	description?: string;
	units: readonly UnitRow[];
	/** Code of the chosen one; "" is none. */
	value: string;
	clearable?: boolean;
	onChange: (code: string) => void;
}) {
	const { t } = useTranslation();
	return (
		<Select
			size="md"
			label={label}
			description={description}
			placeholder={t("units.findHint")}
			nothingFoundMessage={t("units.noneFound")}
			data={units.map(({ code, name }) => ({
				value: code,
				label: `${name} (${code})`,
			}))}
			value={value === "" ? null : value}
			onChange={(code) => onChange(code ?? "")}
			filter={({ options, search, limit }) =>
				options
					.filter((one) => "label" in one && matches(one.label, search))
					.slice(0, limit)
			}
			limit={30}
			searchable
			clearable={clearable}
			allowDeselect={false}
			comboboxProps={{ withinPortal: true }}
		/>
	);
}
