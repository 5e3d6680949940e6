import {
	IconAlertTriangle,
	IconBroadcast,
	IconMicrophone,
	IconMicrophoneFilled,
	IconPinned,
	IconPlugOff,
	IconRefresh,
	IconUser,
	IconVideoOff,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { formatClock, seatName, seatNumber } from "@/format";
import {
	AUDIBLE_LEVEL,
	handPlace,
	isAnnounced,
	isOpen,
	nextToSpeak,
	type Place,
	slotFor,
	whoOf,
} from "@/room/state/selectors";
import { OwnVideo, SlotVideo } from "@/room/view/SlotVideo";
import { useRoom, useServerNow } from "@/room/view/useRoom";
import { LevelBars, type TileParts } from "@/room/view/VideoTile";

/** What a place of the wall shows, and what a screen reader says of it. */
export function useTile(place: Place): {
	parts: TileParts;
	label: string;
	microphone: "open" | "closed" | "muted" | "locked" | null;
} {
	const { t } = useTranslation("room");
	const id = place.occupant;
	const seen = useRoom((view) => {
		const { room } = view;
		const person = id === null ? null : (room?.participants[id] ?? null);
		const slot = id === null ? null : slotFor(view, id, "camera");
		return {
			person,
			mid: slot?.mid ?? null,
			paused: slot?.paused ?? null,
			own: id !== null && id === view.you,
			ownPicture: id !== null && id === view.you && view.own.hasCamera,
			...whoOf(room, person?.id ?? null),
			floor: id !== null && room?.floor?.participant === id,
			announced: id !== null && room !== null && isAnnounced(room, id),
			next: id !== null && room !== null && nextToSpeak(room) === id,
			air: id !== null && room?.broadcast === id,
			private: id !== null && view.pinned?.participant === id,
			hand: room && id !== null ? handPlace(room, id) : null,
			level: id === null ? 0 : (view.levels[id] ?? 0),
			soundOnly:
				view.receive === "audio_only" || view.receive === "screen_only",
		};
	});
	const { person } = seen;
	const name = place.seat?.name ?? seen.name;
	const seat = place.seat?.number ?? seen.number;
	const number =
		seat !== null ? (
			seatNumber(seat)
		) : (
			<IconUser stroke={1.9} aria-hidden="true" />
		);

	if (!person) {
		return {
			parts: {
				number,
				name,
				state: "absent",
				note: (
					<>
						<IconPlugOff size={18} stroke={1.9} aria-hidden="true" />
						{t("tile.absent")}
					</>
				),
			},
			label: label(place, name, [t("tile.absent")]),
			microphone: null,
		};
	}

	const open = isOpen(person);
	const speaking = open && seen.level >= AUDIBLE_LEVEL;
	const lost = person.connection === "reconnecting";
	const weak = seen.paused === "bandwidth";
	const state = lost
		? "reconnecting"
		: seen.floor && !seen.announced
			? "floor"
			: seen.air
				? "air"
				: seen.private
					? "private"
					: weak
						? "weak"
						: "present";
	const words = [
		...(lost ? [t("tile.reconnecting")] : []),
		...(seen.own ? [t("tile.you")] : []),
		...(person.role === "chair" ? [t("role.chair")] : []),
		...(seen.sitting ? [seen.sitting] : []),
		...(seen.announced
			? [t("tile.announced")]
			: seen.floor
				? [t("tile.floor")]
				: []),
		...(seen.next ? [t("tile.next")] : []),
		...(seen.air ? [t("tile.air")] : []),
		...(seen.private ? [t("tile.private")] : []),
		...(seen.hand !== null ? [t("tile.hand", { place: seen.hand })] : []),
		...(person.camera_on ? [] : [t("tile.cameraOff")]),
		...(seen.paused === "codec" ? [t("tile.undecodable")] : []),
		open
			? t("tile.micOpen")
			: person.microphone.locked
				? t("tile.micLocked")
				: t("tile.micClosed"),
	];
	const picture =
		lost && seen.mid === null ? null : seen.ownPicture ? (
			<OwnVideo source="camera" />
		) : seen.mid !== null && person.camera_on && seen.paused !== "codec" ? (
			<SlotVideo mid={seen.mid} />
		) : null;

	return {
		parts: {
			number,
			name,
			person: seen.sitting,
			state,
			picture,
			note:
				picture || lost ? null : person.camera_on ? (
					seen.paused === "codec" ? (
						t("tile.undecodable")
					) : seen.soundOnly || seen.paused === "choice" ? (
						t("tile.notReceived")
					) : null
				) : (
					<>
						<IconVideoOff size={18} stroke={1.9} aria-hidden="true" />
						{t("tile.cameraOff")}
					</>
				),
			flag: lost
				? {
						kind: "plain",
						icon: <IconRefresh stroke={1.9} aria-hidden="true" />,
						text: "",
					}
				: seen.air
					? {
							kind: "air",
							icon: <IconBroadcast stroke={1.9} aria-hidden="true" />,
							text: t("tile.air"),
						}
					: seen.private
						? {
								kind: "private",
								icon: <IconPinned stroke={1.9} aria-hidden="true" />,
								text: t("tile.private"),
							}
						: weak
							? {
									kind: "weak",
									icon: <IconAlertTriangle stroke={1.9} aria-hidden="true" />,
									text: t("tile.paused"),
								}
							: person.role === "chair"
								? { kind: "plain", text: t("role.chair") }
								: seen.own
									? { kind: "plain", text: t("tile.you") }
									: null,
			hand: lost ? null : seen.hand,
			speaking,
			signs: open ? (
				// One sign at a time: the name is never cut off.
				seen.floor && !seen.announced ? (
					<IconMicrophoneFilled aria-hidden="true" />
				) : speaking ? (
					<LevelBars level={(seen.level - AUDIBLE_LEVEL + 20) / 70} />
				) : (
					<IconMicrophone stroke={1.9} aria-hidden="true" />
				)
			) : null,
		},
		label: label(place, name, words),
		microphone: open
			? "open"
			: person.microphone.locked
				? "locked"
				: person.microphone.muted
					? "muted"
					: "closed",
	};
}

/** The seconds since a point was lost, on its tile: its own component, so that only it renders each second. */
export function LostFor({ id }: { id: string }) {
	const { t } = useTranslation("room");
	const since = useRoom((view) => view.room?.lostAtUs[id] ?? null);
	const now = useServerNow();
	if (since === null) return t("tile.back");
	return t("tile.backFor", { time: formatClock((now - since) / 1e6) });
}

function label(place: Place, name: string, words: string[]): string {
	const who = place.seat ? seatName(place.seat) : name;
	return `${who}: ${words.join(", ")}`;
}
