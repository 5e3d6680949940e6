import { useState } from "react";
import { useTranslation } from "react-i18next";
import { PICTURE_CODECS, pictureCodecs } from "@/room/media/lines";
import { useRoomSession } from "@/room/view/useRoom";
import classes from "./Settings.module.css";

/** How one's own camera is encoded. What the browser cannot do is shown, and says so. */
export function PictureCodecChoice() {
	const { t } = useTranslation("room");
	const session = useRoomSession();
	const [chosen, choose] = useState(session.pictureCodec);
	const [possible] = useState(() => pictureCodecs());
	return (
		<fieldset className={classes.choices}>
			<legend>{t("pictureCodec.label")}</legend>
			{PICTURE_CODECS.map((codec) => (
				<label key={codec} className={classes.choice}>
					<input
						type="radio"
						name="picture-codec"
						value={codec}
						checked={chosen === codec}
						disabled={!possible.includes(codec)}
						data-testid={`picture-codec-${codec}`}
						onChange={() => {
							choose(codec);
							void session.setPictureCodec(codec);
						}}
					/>
					<b>{t(`pictureCodec.${codec}`)}</b>
					<small>
						{possible.includes(codec)
							? t(`pictureCodec.${codec}_why`)
							: t("pictureCodec.missing")}
					</small>
				</label>
			))}
		</fieldset>
	);
}
