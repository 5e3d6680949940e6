import {
	IconBroadcast,
	IconMicrophoneFilled,
	IconMicrophoneOff,
	IconPinned,
	IconPresentation,
	IconUser,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { formatClock, seatNumber } from "@/format";
import { useTurnClock } from "@/room/features/floor";
import {
	AUDIBLE_LEVEL,
	isOpen,
	mainPicture,
	whoOf,
} from "@/room/state/selectors";
import type { Floor } from "@/room/state/state";
import { OwnVideo, SlotVideo } from "@/room/view/SlotVideo";
import { useRoom, useSecondsUntil } from "@/room/view/useRoom";
import { LevelBars } from "@/room/view/VideoTile";
import classes from "./Stage.module.css";

/** The main picture and its plate. It cuts from one to the next. `tools` stand over its top right corner. */
export function Stage({ tools }: { tools?: ReactNode }) {
	const { t } = useTranslation("room");
	const main = useRoom(mainPicture);
	const seen = useRoom((view) => {
		const { room } = view;
		const person =
			main.kind === "nothing"
				? null
				: (room?.participants[main.participant] ?? null);
		const slot =
			main.kind !== "nothing" && main.mid ? view.slots[main.mid] : undefined;
		return {
			person,
			...whoOf(room, person?.id ?? null),
			floor:
				person && room?.floor?.participant === person.id ? room.floor : null,
			pinned: view.pinned !== null && view.pinned.participant === person?.id,
			level: person ? (view.levels[person.id] ?? 0) : 0,
			receive: view.receive,
			paused: slot?.paused ?? null,
		};
	});
	const { person, floor } = seen;
	const announced = floor !== null && floor.opensAtUs !== null;
	const lost = person?.connection === "reconnecting";
	const air = main.kind === "camera" && main.onAir;

	const note =
		main.kind === "nothing"
			? t("stage.nobody")
			: seen.receive === "audio_only"
				? t("stage.audioOnly")
				: main.kind === "screen" && main.own
					? null
					: seen.paused === "bandwidth"
						? t("stage.paused")
						: seen.paused === "codec"
							? t("stage.undecodable")
							: seen.receive === "screen_only" && main.kind === "camera"
								? t("stage.screenOnly")
								: main.kind === "camera" && person && !person.camera_on
									? t("tile.cameraOff")
									: main.mid === null && !main.own
										? t("stage.waiting")
										: null;

	return (
		<section
			className={classes.stage}
			aria-label={t("stage.label")}
			data-testid="stage"
			data-participant={person?.id}
			data-kind={main.kind}
		>
			<div
				className={classes.picture}
				data-air={air || undefined}
				data-lost={lost || undefined}
			>
				{main.kind !== "nothing" && main.own ? (
					<OwnVideo source={main.kind} fit="contain" />
				) : main.kind !== "nothing" && main.mid !== null && !note ? (
					<SlotVideo mid={main.mid} fit="contain" />
				) : null}
				{note && (
					<p className={classes.note}>
						<IconUser size={40} stroke={1.5} aria-hidden="true" />
						{note}
					</p>
				)}
				{tools && <div className={classes.tools}>{tools}</div>}
				{air ? (
					<p className={classes.flag} data-flag="air">
						<IconBroadcast size={20} stroke={1.9} aria-hidden="true" />
						{announced && main.kind === "camera" && main.own
							? t("stage.announcing")
							: t("stage.air")}
					</p>
				) : seen.pinned ? (
					<p className={classes.flag} data-flag="private">
						<IconPinned size={20} stroke={1.9} aria-hidden="true" />
						{t("tile.private")}
					</p>
				) : main.kind === "screen" ? (
					<p className={classes.flag}>
						<IconPresentation size={20} stroke={1.9} aria-hidden="true" />
						{main.own ? t("stage.ownScreen") : t("stage.screen")}
					</p>
				) : null}
				{announced && main.kind === "camera" && main.own && (
					<Announcement opensAtUs={floor.opensAtUs ?? 0} />
				)}
			</div>
			<div
				className={classes.plate}
				data-nobody={!person || undefined}
				data-lost={lost || undefined}
			>
				<span className={`fig ${classes.number}`}>
					{seen.number !== null ? (
						seatNumber(seen.number)
					) : (
						<IconUser size={24} stroke={1.9} aria-hidden="true" />
					)}
				</span>
				<span className={classes.name}>
					<b>{person ? seen.name : t("stage.empty")}</b>
					{person && (
						<small>
							{lost
								? t("tile.reconnecting")
								: [seen.sitting, t(`role.${person.role}`)]
										.filter(Boolean)
										.join(", ")}
						</small>
					)}
				</span>
				{person && isOpen(person) && seen.level >= AUDIBLE_LEVEL && (
					<span className={classes.sound}>
						<LevelBars level={(seen.level - AUDIBLE_LEVEL + 20) / 70} />
						<span>{t("stage.speaking")}</span>
					</span>
				)}
				{announced ? (
					<span className={classes.sound}>
						<IconMicrophoneOff size={24} stroke={1.9} aria-hidden="true" />
						<span>{t("stage.announced")}</span>
					</span>
				) : (
					floor && <FloorClock floor={floor} />
				)}
			</div>
		</section>
	);
}

/** At the foot of the picture: how long until one's own microphone opens, as a figure, as segments, and in words. */
function Announcement({ opensAtUs }: { opensAtUs: number }) {
	const { t } = useTranslation("room");
	const seconds = useSecondsUntil(opensAtUs) ?? 0;
	return (
		<div
			className={classes.announcement}
			role="alert"
			data-testid="announcement"
		>
			<span className={classes.segments} aria-hidden="true">
				{[3, 2, 1].map((second) => (
					<i key={second} data-lit={seconds <= second || undefined} />
				))}
			</span>
			<span className={`fig ${classes.figure}`} aria-hidden="true">
				{seconds}
			</span>
			<p>
				<b>{t("turn.announcing")}</b>
				{/* Read out once, with the whole time. */}
				<span aria-hidden="true">{t("turn.opens", { seconds })}</span>
				<span className="vh">{t("turn.opens", { seconds: 3 })}</span>
			</p>
		</div>
	);
}

/** How long somebody has been speaking, or how long they have left. */
function FloorClock({ floor }: { floor: Floor }) {
	const { t } = useTranslation("room");
	const { seconds, whole, nearlyOver } = useTurnClock(floor);
	return (
		<span className={classes.floor} data-nearly-over={nearlyOver || undefined}>
			<IconMicrophoneFilled size={24} aria-hidden="true" />
			<b className="fig">{formatClock(seconds)}</b>
			<span>
				{whole === null
					? t("floor.holding")
					: t("floor.leftOf", { time: formatClock(whole) })}
			</span>
			{whole !== null && (
				<i
					aria-hidden="true"
					style={{ width: `${Math.min(100, (100 * seconds) / whole)}%` }}
				/>
			)}
		</span>
	);
}
