import {
	IconMicrophone,
	IconMicrophoneOff,
	IconUser,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { seatNumber, unbroken } from "@/format";
import {
	AUDIBLE_LEVEL,
	isAnnounced,
	isOpen,
	whoOf,
	you,
} from "@/room/state/selectors";
import { OwnVideo } from "@/room/view/SlotVideo";
import { useRoom } from "@/room/view/useRoom";
import { VideoFigure } from "@/room/view/VideoTile";
import classes from "./SelfTile.module.css";

/** What the others see of this point. */
export function SelfTile() {
	const { t } = useTranslation("room");
	const { me, number, name, picture, speaking, floor } = useRoom((view) => {
		const self = you(view);
		return {
			me: self,
			...whoOf(view.room, self?.id ?? null),
			picture: view.own.hasCamera,
			speaking:
				self !== null &&
				isOpen(self) &&
				(view.levels[self.id] ?? 0) >= AUDIBLE_LEVEL,
			floor:
				self !== null &&
				view.room?.floor?.participant === self.id &&
				!isAnnounced(view.room, self.id),
		};
	});
	if (!me) return null;
	return (
		<div className={classes.self} data-testid="self">
			<VideoFigure
				parts={{
					number:
						number === null ? (
							<IconUser stroke={1.9} aria-hidden="true" />
						) : (
							seatNumber(number)
						),
					name: unbroken(name),
					state: floor ? "floor" : "present",
					speaking,
					picture: picture ? <OwnVideo source="camera" /> : undefined,
					note: picture ? undefined : t("tile.cameraOff"),
					signs: isOpen(me) ? (
						<>
							<IconMicrophone stroke={1.9} aria-hidden="true" />
							<span className={classes.word}>{t("tile.micOpen")}</span>
						</>
					) : (
						<>
							<IconMicrophoneOff stroke={1.9} aria-hidden="true" />
							<span className={classes.word}>
								{me.microphone.locked
									? t("tile.micLocked")
									: t("tile.micClosed")}
							</span>
						</>
					),
				}}
			/>
		</div>
	);
}
