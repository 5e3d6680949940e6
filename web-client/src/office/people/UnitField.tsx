import { NativeSelect, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { matches } from "@/format";
import { useServer } from "@/session";
import { unitsQuery } from "./api";
import classes from "./People.module.css";

/** Up to so many units are chosen from without a search. */
const FEW = 12;

/** Chooses one of the units that one administers; many are narrowed by name first, whatever the diacritics. */
export function UnitField({
	label,
	none,
	value,
	error,
	onChange,
}: {
	label: string;
	/** What stands for no unit. */
	none: string;
	/** Code of the unit; empty for none. */
	value: string;
	error?: ReactNode;
	onChange: (code: string) => void;
}) {
	const { t } = useTranslation();
	const server = useServer();
	const { data: units = [] } = useQuery(unitsQuery(server));
	const [search, setSearch] = useState("");
	const found = units.filter(
		({ code, name }) => code === value || matches(`${name} ${code}`, search),
	);
	// An address that somebody sent may name a unit of another day, or of others.
	const other = value !== "" && units.every(({ code }) => code !== value);
	return (
		<div className={classes.unit}>
			<NativeSelect
				size="md"
				label={label}
				value={value}
				error={error}
				onChange={(event) => onChange(event.currentTarget.value)}
				data={[
					{ value: "", label: none },
					...(other
						? [{ value, label: t("people.otherUnit", { code: value }) }]
						: []),
					...found.map(({ code, name }) => ({ value: code, label: name })),
				]}
			/>
			{units.length > FEW && (
				<TextInput
					type="search"
					label={t("people.findUnit")}
					value={search}
					autoComplete="off"
					spellCheck={false}
					description={
						search.trim() === ""
							? undefined
							: t("person.unitsFound", { count: found.length })
					}
					inputWrapperOrder={["label", "input", "description"]}
					onChange={(event) => {
						const typed = event.currentTarget.value;
						setSearch(typed);
						// Of one that is left nobody needs to choose.
						const left = units.filter(({ code, name }) =>
							matches(`${name} ${code}`, typed),
						);
						if (typed.trim() !== "" && left.length === 1 && left[0]) {
							onChange(left[0].code);
						}
					}}
				/>
			)}
		</div>
	);
}
