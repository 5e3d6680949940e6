import { Button, Modal, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Banner, Card, Section, Tag } from "@/kit";
import type { Appointment } from "@/protocol/generated/Appointment";
import type { Person } from "@/protocol/generated/Person";
import { useServer } from "@/session";
import { useErrorSentence } from "@/session/sentence";
import {
	AppointmentFields,
	faultsOf,
	nothing,
	readTyped,
} from "./AppointmentFields";
import { appoint, endAppointment } from "./api";
import { readDay, showDay, todayOf } from "./days";
import classes from "./People.module.css";

/** Where somebody sits, will sit and sat. */
export function Appointments({
	person,
	adds,
	onAdd,
	onChanged,
}: {
	person: Person;
	/** Whether one is being added. */
	adds: boolean;
	onAdd: (adds: boolean) => void;
	onChanged: (told: Person) => Promise<void>;
}) {
	const { t } = useTranslation();
	const [ends, setEnds] = useState<Appointment | null>(null);
	return (
		<Section
			title={t("person.appointments")}
			aside={
				!adds &&
				person.may.includes("appoint_person") && (
					<Button size="sm" onClick={() => onAdd(true)}>
						{t("person.appoint")}
					</Button>
				)
			}
		>
			<Card>
				{adds && (
					<Add
						person={person}
						onCancel={() => onAdd(false)}
						onChanged={onChanged}
					/>
				)}
				{person.appointments.length === 0 && (
					<p className={classes.nobody}>{t("person.noAppointments")}</p>
				)}
				<ul>
					{person.appointments.map((one) => (
						<Line key={one.id} one={one} onEnd={() => setEnds(one)} />
					))}
				</ul>
			</Card>
			{ends && (
				<End
					person={person}
					one={ends}
					onClose={() => setEnds(null)}
					onChanged={onChanged}
				/>
			)}
		</Section>
	);
}

function Line({ one, onEnd }: { one: Appointment; onEnd: () => void }) {
	const { t } = useTranslation();
	const today = todayOf(useServer().nowUs());
	const ended = one.to !== null && one.to < today;
	const days = { from: showDay(one.from), to: one.to ? showDay(one.to) : "" };
	return (
		<li className={classes.appointment} data-ended={ended || undefined}>
			<div>
				<b>{one.position}</b>
				<span>{one.unit.name}</span>
				<small>
					{one.subject && `${t("person.subject", { subject: one.subject })}, `}
					<span className="fig">
						{one.to === null ? t("person.since", days) : t("person.span", days)}
					</span>
				</small>
			</div>
			{one.from > today && <Tag tone="info">{t("person.planned")}</Tag>}
			{ended && <Tag>{t("person.ended")}</Tag>}
			{one.may.includes("end_appointment") && (
				<Button
					size="sm"
					aria-label={t("person.endOf", {
						position: one.position,
						unit: one.unit.name,
					})}
					onClick={onEnd}
				>
					{t("person.end")}
				</Button>
			)}
		</li>
	);
}

function Add({
	person,
	onCancel,
	onChanged,
}: {
	person: Person;
	onCancel: () => void;
	onChanged: (told: Person) => Promise<void>;
}) {
	const { t } = useTranslation();
	const server = useServer();
	const sentence = useErrorSentence();
	const [typed, setTyped] = useState(() => nothing(todayOf(server.nowUs())));
	const [tried, setTried] = useState(false);
	const add = useMutation({
		mutationFn: () => appoint(server, person.id, readTyped(typed)),
		onSuccess: onChanged,
	});
	const submit = (event: FormEvent) => {
		event.preventDefault();
		setTried(true);
		if (Object.keys(faultsOf(typed)).length === 0) add.mutate();
	};
	return (
		<form
			className={`${classes.fields} ${classes.added}`}
			onSubmit={submit}
			noValidate
			aria-label={t("person.appoint")}
		>
			<AppointmentFields
				typed={typed}
				showFaults={tried}
				onChange={(typed) => {
					setTyped(typed);
					add.reset();
				}}
			/>
			{add.isError && <Banner tone="bad">{sentence(add.error)}</Banner>}
			<div className={classes.keys}>
				<Button onClick={onCancel}>{t("person.cancel")}</Button>
				<Button type="submit" variant="filled" loading={add.isPending}>
					{t("person.appoint")}
				</Button>
			</div>
		</form>
	);
}

/** Asks for the last day of an appointment. */
function End({
	person,
	one,
	onClose,
	onChanged,
}: {
	person: Person;
	one: Appointment;
	onClose: () => void;
	onChanged: (told: Person) => Promise<void>;
}) {
	const { t } = useTranslation();
	const server = useServer();
	const sentence = useErrorSentence();
	const [typed, setTyped] = useState(() =>
		showDay(one.to ?? todayOf(server.nowUs())),
	);
	const day = readDay(typed);
	const fault =
		day === null ? "day" : day < one.from ? ("order" as const) : null;
	const end = useMutation({
		mutationFn: (day: string) => endAppointment(server, person.id, one.id, day),
		onSuccess: async (told) => {
			onClose();
			await onChanged(told);
		},
	});
	return (
		<Modal
			opened
			onClose={onClose}
			title={t("person.endTitle")}
			closeButtonProps={{ "aria-label": t("kit.close") }}
			centered
		>
			<form
				className={classes.fields}
				noValidate
				onSubmit={(event) => {
					event.preventDefault();
					if (day !== null && fault === null) end.mutate(day);
				}}
			>
				<p>
					{t("person.endText", {
						position: one.position,
						unit: one.unit.name,
					})}
				</p>
				<TextInput
					label={t("person.lastDay")}
					description={t("person.dayHint")}
					inputMode="numeric"
					value={typed}
					error={fault && t(`person.missing.${fault}`)}
					onChange={(event) => setTyped(event.currentTarget.value)}
					data-autofocus
				/>
				{end.isError && <Banner tone="bad">{sentence(end.error)}</Banner>}
				<div className={classes.keys}>
					<Button onClick={onClose}>{t("person.cancel")}</Button>
					<Button type="submit" variant="filled" loading={end.isPending}>
						{t("person.endYes")}
					</Button>
				</div>
			</form>
		</Modal>
	);
}
