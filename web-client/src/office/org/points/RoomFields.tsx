import { Button, Checkbox, NumberInput, TextInput } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { SmallKey } from "@/kit/SmallKey";
import type { Equipment } from "@/protocol/generated/Equipment";
import type { PointRoom } from "@/protocol/generated/PointRoom";
import classes from "./Points.module.css";

/** A room of a point, and what stands in it. */
export function RoomFields({
	number,
	room,
	isKnown,
	onChange,
}: {
	/** Its place among the rooms, from 1. */
	number: number;
	room: PointRoom;
	/** Whether it is there already: its code stays. */
	isKnown: boolean;
	onChange: (part: Partial<PointRoom>) => void;
}) {
	const { t } = useTranslation();
	const piece = (index: number, part: Partial<Equipment>) =>
		onChange({
			equipment: room.equipment.map((one, other) =>
				other === index ? { ...one, ...part } : one,
			),
		});
	return (
		<fieldset className={classes.room}>
			<legend className="vh">{t("points.room", { number })}</legend>
			<TextInput
				label={t("points.roomName")}
				value={room.name}
				onChange={(event) => onChange({ name: event.currentTarget.value })}
			/>
			<TextInput
				label={t("points.roomCode")}
				value={room.code}
				disabled={isKnown}
				onChange={(event) => onChange({ code: event.currentTarget.value })}
			/>
			<NumberInput
				size="md"
				label={t("points.seats")}
				min={0}
				allowDecimal={false}
				value={room.seats}
				onChange={(value) => onChange({ seats: Number(value) || 0 })}
			/>
			<TextInput
				label={t("points.asset")}
				value={room.asset_code ?? ""}
				onChange={(event) =>
					onChange({ asset_code: event.currentTarget.value || null })
				}
			/>
			<Checkbox
				label={t("points.dualUse")}
				checked={room.dual_use}
				onChange={(event) =>
					onChange({ dual_use: event.currentTarget.checked })
				}
			/>
			{room.equipment.map((one, index) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: two of a kind are told apart by their places alone.
				<div key={index} className={classes.piece}>
					<TextInput
						label={t("points.equipment")}
						placeholder={t("points.equipmentLike")}
						value={one.name}
						onChange={(event) =>
							piece(index, { name: event.currentTarget.value })
						}
					/>
					<NumberInput
						size="md"
						label={t("points.pieces")}
						min={1}
						max={100}
						allowDecimal={false}
						value={one.count}
						onChange={(value) => piece(index, { count: Number(value) || 0 })}
					/>
					<TextInput
						label={t("points.asset")}
						value={one.asset_code ?? ""}
						onChange={(event) =>
							piece(index, { asset_code: event.currentTarget.value || null })
						}
					/>
					<SmallKey
						look="icon"
						label={t("decision.leaveOut", {
							name: one.name || t("points.equipment"),
						})}
						onPress={() =>
							onChange({
								equipment: room.equipment.filter((_, other) => other !== index),
							})
						}
					>
						<IconX size={18} aria-hidden="true" />
					</SmallKey>
				</div>
			))}
			<Button
				onClick={() =>
					onChange({
						equipment: [
							...room.equipment,
							{ name: "", count: 1, asset_code: null },
						],
					})
				}
			>
				{t("points.addEquipment")}
			</Button>
		</fieldset>
	);
}
