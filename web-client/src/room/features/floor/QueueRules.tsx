import { useTranslation } from "react-i18next";
import { mayChair } from "@/room/state/selectors";
import { useRoom, useRoomSession, useRoomState } from "@/room/view/useRoom";
import classes from "./Floor.module.css";

/** How long turns may be set to last, in minutes; none for as long as it takes. */
const LENGTHS = ["none", "2", "3", "5", "7", "10", "15"];

/** By which rules the floor goes around: how long a turn lasts, and who stands first. Chair and secretary set them, all others read. */
export function QueueRules() {
	const { t } = useTranslation("room");
	const session = useRoomSession();
	const { turnLength, unheardFirst } = useRoomState();
	const chair = useRoom(mayChair);
	const minutes = turnLength === null ? null : turnLength / 60;
	if (!chair) {
		const rules = [
			...(minutes === null ? [] : [t("floor.lengthOf", { minutes })]),
			...(unheardFirst ? [t("floor.unheardFirstOn")] : []),
		];
		return rules.length > 0 ? (
			<p className={classes.told}>{rules.join(" ")}</p>
		) : null;
	}
	const chosen = minutes === null ? "none" : String(minutes);
	// Another page of the chair's may have set what is not offered here.
	const offered = LENGTHS.includes(chosen) ? LENGTHS : [...LENGTHS, chosen];
	return (
		<div className={classes.rules}>
			<label>
				{t("floor.unheardFirst")}
				<input
					type="checkbox"
					checked={unheardFirst}
					onChange={({ currentTarget }) =>
						void session.ask({
							type: "set_queue_order",
							unheard_first: currentTarget.checked,
						})
					}
					data-testid="unheard-first"
				/>
			</label>
			<label>
				{t("floor.length")}
				<select
					value={chosen}
					onChange={({ currentTarget: { value } }) =>
						void session.ask({
							type: "set_turn_length",
							seconds: value === "none" ? null : Number(value) * 60,
						})
					}
					data-testid="turn-length"
				>
					{offered.map((value) => (
						<option key={value} value={value}>
							{value === "none"
								? t("floor.length_none")
								: t("floor.length_minutes", { minutes: value })}
						</option>
					))}
				</select>
			</label>
		</div>
	);
}
