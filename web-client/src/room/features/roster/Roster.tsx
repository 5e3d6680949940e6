import {
	IconCircleCheck,
	IconLock,
	IconMicrophone,
	IconMicrophoneOff,
	IconPlugOff,
	IconRefresh,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { seatNumber, unbroken } from "@/format";
import { SmallKey } from "@/kit/SmallKey";
import type { Participant } from "@/protocol/generated/Participant";
import { byRoleAndName, isOpen, mayChair, whoIs } from "@/room/state/selectors";
import {
	usePlaces,
	useRoom,
	useRoomSession,
	useRoomState,
} from "@/room/view/useRoom";
import classes from "./Roster.module.css";

/** Who is here: every seat in its order, then the people without one. */
export function Roster() {
	const { t } = useTranslation("room");
	const places = usePlaces();
	const room = useRoomState();
	const { participants } = room;
	const shown = new Set(places.map((place) => place.occupant));
	const others = Object.values(participants)
		.filter((person) => !shown.has(person.id))
		.sort(byRoleAndName);
	return (
		<ul
			className={classes.rows}
			aria-label={t("roster.label")}
			data-testid="roster"
			// biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard.
			tabIndex={0}
		>
			{places.map((place) => (
				<Row
					key={place.key}
					number={place.seat?.number ?? null}
					point={place.seat?.name ?? null}
					person={
						place.occupant === null
							? null
							: (participants[place.occupant] ?? null)
					}
				/>
			))}
			{others.map((person) => {
				const { number, name } = whoIs(room, person.id);
				return (
					<Row
						key={person.id}
						number={number}
						point={name === person.name ? null : name}
						person={person}
					/>
				);
			})}
			<RemovedRows />
		</ul>
	);
}

function Row({
	number,
	point,
	person,
}: {
	number: number | null;
	point: string | null;
	person: Participant | null;
}) {
	const { t } = useTranslation("room");
	const you = useRoom((view) => view.you);
	const state = person?.connection ?? "absent";
	return (
		<li
			className={classes.row}
			data-state={state}
			data-participant={person?.id}
		>
			<span className={`fig ${classes.number}`}>
				{number === null ? "" : seatNumber(number)}
			</span>
			<span className={classes.name}>
				<b>{unbroken(point ?? person?.name ?? "")}</b>{" "}
				{person && (
					<small>
						{[
							...(point !== null && point !== person.name ? [person.name] : []),
							...(person.role === "point" ? [] : [t(`role.${person.role}`)]),
							...(person.id === you ? [t("tile.you")] : []),
							...(person.encoder ? [t("roster.encoder")] : []),
						].join(", ")}
					</small>
				)}
			</span>
			<span>{person && <MicrophoneSign person={person} />}</span>
			<span className={classes.state} data-state={state}>
				{state === "connected" ? (
					<>
						<IconCircleCheck size={18} stroke={1.9} aria-hidden="true" />
						{t("roster.here")}
					</>
				) : state === "reconnecting" ? (
					<>
						<IconRefresh size={18} stroke={1.9} aria-hidden="true" />
						{t("roster.back")}
					</>
				) : (
					<>
						<IconPlugOff size={18} stroke={1.9} aria-hidden="true" />
						{t("tile.absent")}
					</>
				)}
			</span>
		</li>
	);
}

/** Who was removed: chair and secretary let them come back. */
function RemovedRows() {
	const { t } = useTranslation("room");
	const session = useRoomSession();
	const room = useRoomState();
	const chair = useRoom(mayChair);
	if (!chair) return null;
	return room.removed.map(({ participant }) => {
		const { number, name, person } = whoIs(room, participant);
		return (
			<li
				key={participant}
				className={classes.row}
				data-state="removed"
				data-participant={participant}
			>
				<span className={`fig ${classes.number}`}>
					{number === null ? "" : seatNumber(number)}
				</span>
				<span className={classes.name}>
					<b>{unbroken(name)}</b>{" "}
					<small>
						{[...(person ? [person] : []), t("roster.removed")].join(", ")}
					</small>
				</span>
				<span />
				<SmallKey
					testId="readmit"
					label={t("roster.readmitOf", { name })}
					onPress={() => void session.ask({ type: "readmit", participant })}
				>
					{t("roster.readmit")}
				</SmallKey>
			</li>
		);
	});
}

function MicrophoneSign({ person }: { person: Participant }) {
	const { t } = useTranslation("room");
	const word = isOpen(person)
		? t("tile.micOpen")
		: person.microphone.locked
			? t("tile.micLocked")
			: t("tile.micClosed");
	const Icon = isOpen(person)
		? IconMicrophone
		: person.microphone.locked
			? IconLock
			: IconMicrophoneOff;
	return (
		<span title={word}>
			<Icon size={18} stroke={1.9} aria-hidden="true" />
			<span className="vh">{word}</span>
		</span>
	);
}
