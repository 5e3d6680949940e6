import {
	Button,
	Checkbox,
	Drawer,
	NumberInput,
	TextInput,
} from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { formatIsoDay, isoDay, readIsoDay } from "@/format";
import { Banner } from "@/kit";
import { SmallKey } from "@/kit/SmallKey";
import type { PointRoom } from "@/protocol/generated/PointRoom";
import type { PointSpec } from "@/protocol/generated/PointSpec";
import type { RegisteredPoint } from "@/protocol/generated/RegisteredPoint";
import { useErrorSentence, useServer } from "@/session";
import { addPoint, editPoint, unitTreeQuery } from "../api";
import { UnitPicker } from "../decision/UnitPicker";
import classes from "./Points.module.css";
import { RoomFields } from "./RoomFields";

const emptyRoom: PointRoom = {
	code: "",
	name: "",
	seats: 20,
	dual_use: false,
	asset_code: null,
	equipment: [],
};

function specOf(point: RegisteredPoint | null, number: number): PointSpec {
	if (point === null) {
		return {
			code: `DC-${String(number).padStart(2, "0")}`,
			name: "",
			number,
			main: false,
			host: "",
			served: [],
			day: null,
			rooms: [],
		};
	}
	return {
		code: point.point.code,
		name: point.point.name,
		number: point.point.number,
		main: point.main,
		host: point.host?.unit.code ?? "",
		served: point.served.map(({ unit }) => unit.code),
		day: null,
		rooms: point.rooms,
	};
}

/** How a point is to be: a new one, or one that is there. */
export function PointForm({
	point,
	number,
	onClose,
}: {
	/** The one that is there; none for a new one. */
	point: RegisteredPoint | null;
	/** The number that a new one is offered. */
	number: number;
	onClose: () => void;
}) {
	const { t } = useTranslation();
	const server = useServer();
	const queryClient = useQueryClient();
	const say = useErrorSentence();
	const [spec, setSpec] = useState(() => specOf(point, number));
	const [dayText, setDayText] = useState(() =>
		formatIsoDay(isoDay(server.nowUs())),
	);
	const day = readIsoDay(dayText, server.nowUs());
	const tree = useQuery(unitTreeQuery(server, undefined));
	const units = (tree.data?.units ?? []).filter(({ ended }) => !ended);
	const change = (part: Partial<PointSpec>) => setSpec({ ...spec, ...part });
	const room = (index: number, part: Partial<PointRoom>) =>
		change({
			rooms: spec.rooms.map((one, other) =>
				other === index ? { ...one, ...part } : one,
			),
		});
	const save = useMutation({
		mutationFn: () => {
			const whole = { ...spec, day };
			return point === null
				? addPoint(server, whole)
				: editPoint(server, point.point.code, point.etag, whole);
		},
		onSuccess: async () => {
			await queryClient.invalidateQueries({ queryKey: ["bridge-points"] });
			await queryClient.invalidateQueries({ queryKey: ["units"] });
			onClose();
		},
	});
	const submit = (event: FormEvent) => {
		event.preventDefault();
		save.mutate();
	};
	return (
		<Drawer
			opened
			onClose={onClose}
			position="right"
			size="min(100%, 560px)"
			title={
				point === null
					? t("points.addTitle")
					: t("points.editTitle", { name: point.point.name })
			}
			closeButtonProps={{ "aria-label": t("units.close"), size: 44 }}
		>
			<form className={classes.form} onSubmit={submit} noValidate>
				<TextInput
					label={t("points.name")}
					value={spec.name}
					onChange={(event) => change({ name: event.currentTarget.value })}
					data-autofocus
				/>
				<div className={classes.pair}>
					<NumberInput
						size="md"
						label={t("points.number")}
						description={t("points.numberHint")}
						min={1}
						max={999}
						allowDecimal={false}
						value={spec.number}
						onChange={(value) => change({ number: Number(value) || 0 })}
					/>
					<TextInput
						label={t("units.code")}
						value={spec.code}
						disabled={point !== null}
						onChange={(event) => change({ code: event.currentTarget.value })}
					/>
				</div>
				<Checkbox
					label={t("points.isMain")}
					description={t("points.isMainHint")}
					checked={spec.main}
					onChange={(event) => change({ main: event.currentTarget.checked })}
				/>
				<UnitPicker
					label={t("points.host")}
					units={units}
					value={spec.host}
					onChange={(host) => change({ host })}
				/>
				<div>
					<UnitPicker
						// What was chosen goes into the list, and the field is empty again.
						key={spec.served.length}
						label={t("points.addServed")}
						units={units.filter(
							({ code }) => code !== spec.host && !spec.served.includes(code),
						)}
						value=""
						onChange={(code) => change({ served: [...spec.served, code] })}
					/>
					<ul className={classes.served}>
						{spec.served.map((code) => {
							const name =
								units.find((unit) => unit.code === code)?.name ?? code;
							return (
								<li key={code}>
									<span>{name}</span>
									<SmallKey
										look="icon"
										label={t("decision.leaveOut", { name })}
										onPress={() =>
											change({
												served: spec.served.filter((one) => one !== code),
											})
										}
									>
										<IconX size={18} aria-hidden="true" />
									</SmallKey>
								</li>
							);
						})}
					</ul>
				</div>
				<TextInput
					label={t("points.since")}
					description={t("points.sinceHint")}
					inputMode="numeric"
					value={dayText}
					error={day === null && t("units.badDay")}
					onChange={(event) => setDayText(event.currentTarget.value)}
				/>
				<h3>{t("points.roomsTitle")}</h3>
				{spec.rooms.map((one, index) => (
					<RoomFields
						// biome-ignore lint/suspicious/noArrayIndexKey: rooms are added at the end and leave by nobody's hand.
						key={index}
						number={index + 1}
						room={one}
						isKnown={
							point?.rooms.some(({ code }) => code === one.code) ?? false
						}
						onChange={(part) => room(index, part)}
					/>
				))}
				<Button
					onClick={() =>
						change({
							rooms: [
								...spec.rooms,
								{
									...emptyRoom,
									code: `${spec.code}-P${spec.rooms.length + 1}`,
								},
							],
						})
					}
				>
					{t("points.addRoom")}
				</Button>
				{save.isError && <Banner tone="bad">{say(save.error)}</Banner>}
				<div className={classes.foot}>
					<Button onClick={onClose}>{t("decision.cancel")}</Button>
					<Button
						type="submit"
						variant="filled"
						loading={save.isPending}
						disabled={
							spec.name.trim() === "" || spec.host === "" || day === null
						}
					>
						{t(point === null ? "points.add" : "points.save")}
					</Button>
				</div>
			</form>
		</Drawer>
	);
}
