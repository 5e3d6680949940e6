import { useTranslation } from "react-i18next";
import type { ReceiveMode } from "@/protocol/generated/ReceiveMode";
import { useRoom, useRoomSession } from "@/room/view/useRoom";
import classes from "./Settings.module.css";

/** All choices, from most to least. */
export const RECEIVE_MODES: readonly ReceiveMode[] = [
	"everything",
	"low",
	"screen_only",
	"audio_only",
];

/** What to receive; nobody else's picture changes. */
export function ReceiveChoice() {
	const { t } = useTranslation("room");
	const session = useRoomSession();
	const receive = useRoom((view) => view.receive);
	return (
		<fieldset className={classes.choices}>
			<legend>{t("receive.label")}</legend>
			{RECEIVE_MODES.map((mode) => (
				<label key={mode} className={classes.choice}>
					<input
						type="radio"
						name="receive"
						value={mode}
						checked={receive === mode}
						data-testid={`receive-${mode}`}
						onChange={() => void session.setReceive(mode)}
					/>
					<b>{t(`receive.${mode}`)}</b>
					<small>{t(`receive.${mode}_why`)}</small>
				</label>
			))}
		</fieldset>
	);
}
