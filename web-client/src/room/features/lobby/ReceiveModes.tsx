import { useTranslation } from "react-i18next";
import type { ReceiveMode } from "@/protocol/generated/ReceiveMode";
import classes from "./Lobby.module.css";

const modes: ReceiveMode[] = ["everything", "low", "screen_only", "audio_only"];

/** How much one wants to receive. */
export function ReceiveModes({
	value,
	onChange,
}: {
	value: ReceiveMode;
	onChange: (mode: ReceiveMode) => void;
}) {
	const { t } = useTranslation("room");
	return (
		<fieldset className={classes.modes}>
			<legend>{t("receive.label")}</legend>
			{modes.map((mode) => (
				<label key={mode}>
					<input
						type="radio"
						name="receive"
						checked={value === mode}
						onChange={() => onChange(mode)}
					/>
					{t(`receive.${mode}`)}
				</label>
			))}
		</fieldset>
	);
}
