import { TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { NewAppointment } from "@/protocol/generated/NewAppointment";
import { readDay, showDay } from "./days";
import classes from "./People.module.css";
import { UnitField } from "./UnitField";

/** An appointment as it is typed. */
export interface Typed {
	unit: string;
	position: string;
	subject: string;
	from: string;
	to: string;
}

/** Nothing typed yet; it begins today. */
export const nothing = (today: string): Typed => ({
	unit: "",
	position: "",
	subject: "",
	from: showDay(today),
	to: "",
});

type Fault = "unit" | "position" | "day" | "order";

/** What is wrong with it, by field. */
export function faultsOf(typed: Typed): Partial<Record<keyof Typed, Fault>> {
	const from = readDay(typed.from);
	const to = typed.to.trim() === "" ? null : readDay(typed.to);
	return {
		...(typed.unit === "" && { unit: "unit" }),
		...(typed.position.trim() === "" && { position: "position" }),
		...(from === null && { from: "day" }),
		...(typed.to.trim() !== "" && to === null && { to: "day" }),
		...(from !== null && to !== null && to < from && { to: "order" }),
	};
}

/** As the server takes it. */
export function readTyped(typed: Typed): NewAppointment {
	const subject = typed.subject.trim();
	const to = readDay(typed.to);
	return {
		unit: typed.unit,
		position: typed.position.trim(),
		from: readDay(typed.from) ?? "",
		...(subject !== "" && { subject }),
		...(to !== null && { to }),
	};
}

/** Where somebody is appointed, as what, and when. */
export function AppointmentFields({
	typed,
	showFaults,
	onChange,
}: {
	typed: Typed;
	/** Whether it was tried already. */
	showFaults: boolean;
	onChange: (typed: Typed) => void;
}) {
	const { t } = useTranslation();
	const faults = showFaults ? faultsOf(typed) : {};
	const say = (field: keyof Typed) => {
		const fault = faults[field];
		return fault && t(`person.missing.${fault}`);
	};
	const field = (name: keyof Typed) => ({
		value: typed[name],
		error: say(name),
		onChange: (event: React.ChangeEvent<HTMLInputElement>) =>
			onChange({ ...typed, [name]: event.currentTarget.value }),
	});
	return (
		<>
			<UnitField
				label={t("person.unit")}
				none={t("person.chooseUnit")}
				value={typed.unit}
				error={say("unit")}
				onChange={(unit) => onChange({ ...typed, unit })}
			/>
			<div className={classes.two}>
				<TextInput
					label={t("person.position")}
					description={t("person.positionHint")}
					{...field("position")}
				/>
				<TextInput
					label={t("person.subjectLabel")}
					description={t("person.subjectHint")}
					{...field("subject")}
				/>
				<TextInput
					label={t("person.from")}
					description={t("person.dayHint")}
					inputMode="numeric"
					{...field("from")}
				/>
				<TextInput
					label={t("person.to")}
					description={t("person.toHint")}
					inputMode="numeric"
					{...field("to")}
				/>
			</div>
		</>
	);
}
