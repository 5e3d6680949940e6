import {
	IconClockPause,
	IconHandStop,
	IconMicrophoneFilled,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { formatClock, unbroken } from "@/format";
import {
	handPlace,
	isAnnounced,
	nextToSpeak,
	queueOf,
	whoIs,
	you,
} from "@/room/state/selectors";
import type { Floor } from "@/room/state/state";
import { useRoom, useRoomState } from "@/room/view/useRoom";
import classes from "./Floor.module.css";
import { useTurnClock } from "./useTurnClock";

/** One's own place in the queue, in figures that the hall can read. `quiet` shows nothing while one neither asks nor speaks. */
export function OwnTurn({ quiet }: { quiet?: boolean }) {
	const { t } = useTranslation("room");
	const room = useRoomState();
	const me = useRoom(you);
	if (!me) return null;
	if (room.floor?.participant === me.id) {
		const announced = isAnnounced(room, me.id);
		return (
			<div
				className={classes.turn}
				data-turn={announced ? "announced" : "holding"}
				data-testid="own-turn"
			>
				<IconMicrophoneFilled size={44} aria-hidden="true" />
				<div>
					<b>{announced ? t("turn.announcing") : t("turn.holding")}</b>
					<OwnClock floor={room.floor} />
				</div>
			</div>
		);
	}
	if (nextToSpeak(room) === me.id) {
		return (
			<div className={classes.turn} data-turn="next" data-testid="own-turn">
				<IconClockPause size={40} stroke={1.7} aria-hidden="true" />
				<div>
					<b>{t("turn.isNext")}</b>
					<p>{t("turn.isNextText")}</p>
				</div>
			</div>
		);
	}
	const place = handPlace(room, me.id);
	if (place === null) {
		if (quiet) return null;
		return (
			<div className={classes.turn} data-testid="own-turn">
				<IconHandStop size={40} stroke={1.7} aria-hidden="true" />
				<div>
					<b>{t("turn.none")}</b>
					<p>{me.microphone.locked ? t("turn.lockedHint") : t("turn.hint")}</p>
				</div>
			</div>
		);
	}
	const before = queueOf(room)
		.slice(0, place - 1)
		.map((hand) => unbroken(whoIs(room, hand.participant).name));
	return (
		<div className={classes.turn} data-turn="waiting" data-testid="own-turn">
			<span className="fig">{place}</span>
			<div>
				<b>{t("turn.place")}</b>
				<p>
					{before.length === 0
						? t("turn.next")
						: t("turn.before", { names: before.slice(-2).join(", ") })}
				</p>
			</div>
		</div>
	);
}

/** How long one has been speaking, or how long one may still. */
function OwnClock({ floor }: { floor: Floor }) {
	const { t } = useTranslation("room");
	const { seconds, whole, nearlyOver } = useTurnClock(floor);
	return (
		<p className="fig" data-nearly-over={nearlyOver || undefined}>
			{formatClock(seconds)}
			{whole !== null && ` ${t("floor.left")}`}
		</p>
	);
}
