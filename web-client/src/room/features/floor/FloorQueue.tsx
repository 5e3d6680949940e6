import { IconMicrophoneFilled, IconPlus, IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { formatClock, formatTime, seatNumber } from "@/format";
import { SmallKey } from "@/kit/SmallKey";
import type { ParticipantId } from "@/protocol/generated/ParticipantId";
import { useCalling } from "@/room/features/chair";
import { mayChair, queueOf, type Who, whoIs } from "@/room/state/selectors";
import type { Floor, RoomState } from "@/room/state/state";
import {
	useRoom,
	useRoomSession,
	useRoomState,
	useSecondsUntil,
	useServerNow,
} from "@/room/view/useRoom";
import classes from "./Floor.module.css";
import { QueueRules } from "./QueueRules";
import { TopicField } from "./TopicField";
import { useTurnClock } from "./useTurnClock";

/** A hand that went up within this time is marked as new, in microseconds. */
const NEW_US = 20_000_000;

/** Who has the floor, who is next, and who waits for it, first come first. Everybody sees it; chair and secretary call people from it. */
export function FloorQueue({ plain }: { plain?: boolean }) {
	const { t } = useTranslation("room");
	const session = useRoomSession();
	const room = useRoomState();
	const { participants, floor, heard } = room;
	const hands = queueOf(room);
	const you = useRoom((view) => view.you);
	const { next, call } = useCalling();
	const chair = useRoom(mayChair);
	const now = useServerNow();
	return (
		<section
			className={classes.queue}
			data-plain={plain || undefined}
			aria-label={t("floor.label")}
			data-testid="hands"
		>
			<div className={classes.head}>
				<h2>{t("floor.title")}</h2>
				<p>{t("floor.waiting", { count: hands.length })}</p>
			</div>
			{floor && <Holder floor={floor} chair={chair} />}
			{next !== null && <Next id={next} chair={chair} />}
			{hands.length === 0 ? (
				<p className={classes.empty}>
					{chair ? t("floor.emptyChair") : t("floor.empty")}
				</p>
			) : (
				<ol className={classes.rows}>
					{hands.map(({ participant, sinceUs, topic }, index) => {
						const who = whoIs(room, participant);
						const { name } = who;
						const lost = participants[participant]?.connection !== "connected";
						const isNext = next === participant;
						const when = lost
							? t("floor.keepsPlace")
							: now - sinceUs < NEW_US
								? t("floor.new", { time: formatTime(sinceUs) })
								: formatTime(sinceUs);
						return (
							<li
								key={participant}
								className={classes.row}
								data-participant={participant}
								data-next={isNext || undefined}
							>
								<span className="fig">{index + 1}</span>
								<span>
									<Named who={who} />
									<small>
										{[...(who.person ? [who.person] : []), when].join(" · ")}
									</small>
								</span>
								{chair &&
									participant !== floor?.participant &&
									(isNext ? (
										<span className={classes.tag}>{t("floor.next")}</span>
									) : (
										<SmallKey
											testId="grant"
											label={t(floor ? "floor.nextTo" : "floor.grantTo", {
												name,
											})}
											onPress={() => call(participant)}
										>
											{floor ? t("floor.toNext") : t("floor.grant")}
										</SmallKey>
									))}
								{chair && (
									<SmallKey
										look="icon"
										label={t("floor.lower", { name })}
										title={t("floor.lower", { name })}
										onPress={() => session.lowerHand(participant)}
									>
										<IconX size={18} stroke={1.9} aria-hidden="true" />
									</SmallKey>
								)}
								{participant === you ? (
									<TopicField topic={topic} />
								) : (
									topic !== null && (
										<p className={classes.topic}>
											{t("floor.about", { topic })}
										</p>
									)
								)}
							</li>
						);
					})}
				</ol>
			)}
			<QueueRules />
			{heard.length > 0 && <HaveSpoken room={room} />}
		</section>
	);
}

function Named({ who }: { who: Who }) {
	return (
		<b>
			{who.number !== null && (
				<span className="fig">{seatNumber(who.number)} </span>
			)}
			{who.name}
		</b>
	);
}

/** Who has spoken so far, and for how long. */
function HaveSpoken({ room }: { room: RoomState }) {
	const { t } = useTranslation("room");
	return (
		<div className={classes.heard} data-testid="heard">
			<h3>{t("floor.heard")}</h3>
			<ul>
				{room.heard.map(({ participant, turns, spoken_us }) => (
					<li key={participant}>
						<Named who={whoIs(room, participant)} />
						{turns > 1 && (
							<small>{t("floor.heardTurns", { count: turns })}</small>
						)}
						<time className="fig">{formatClock(spoken_us / 1e6)}</time>
					</li>
				))}
			</ul>
		</div>
	);
}

function Holder({ floor, chair }: { floor: Floor; chair: boolean }) {
	const { t } = useTranslation("room");
	const session = useRoomSession();
	const room = useRoomState();
	const mine = useRoom((view) => view.you === floor.participant);
	const seconds = useSecondsUntil(floor.opensAtUs);
	const clock = useTurnClock(floor);
	const number = 1 + room.heard.reduce((sum, { turns }) => sum + turns, 0);
	const who = whoIs(room, floor.participant);
	const end =
		mine && seconds === null
			? { testId: "end-turn", word: t("floor.end") }
			: chair
				? { testId: "release-floor", word: t("floor.release") }
				: null;
	return (
		<div
			className={classes.holder}
			data-testid="floor-holder"
			data-participant={floor.participant}
			data-announced={seconds !== null || undefined}
			data-nearly-over={(seconds === null && clock.nearlyOver) || undefined}
		>
			<p className={classes.now}>
				<IconMicrophoneFilled size={18} aria-hidden="true" />
				{seconds !== null
					? t("floor.announced", { seconds })
					: clock.nearlyOver
						? t("floor.nearlyOver")
						: t("floor.speaking")}
				<span>{t("floor.turn", { number })}</span>
			</p>
			<div className={classes.who}>
				<Named who={who} />
				<time className="fig">
					{formatClock(clock.seconds)}
					{clock.whole !== null && (
						<span className="vh"> {t("floor.left")}</span>
					)}
				</time>
			</div>
			{who.person && <p className={classes.person}>{who.person}</p>}
			{floor.topic !== null && (
				<p className={classes.person}>
					{t("floor.about", { topic: floor.topic })}
				</p>
			)}
			{end && (
				<div className={classes.ends}>
					{chair && floor.endsAtUs !== null && (
						<SmallKey
							look="wide"
							testId="extend-turn"
							label={t("floor.extendOf", { name: who.name })}
							onPress={() => void session.ask({ type: "extend_turn" })}
						>
							<IconPlus size={16} aria-hidden="true" />
							{t("floor.extend")}
						</SmallKey>
					)}
					<SmallKey
						look="wide"
						testId={end.testId}
						onPress={() => void session.ask({ type: "release_floor" })}
					>
						{end.word}
					</SmallKey>
				</div>
			)}
		</div>
	);
}

/** Who speaks when the turn is over: at once, or as it was meant. */
function Next({ id, chair }: { id: ParticipantId; chair: boolean }) {
	const { t } = useTranslation("room");
	const calling = useCalling();
	const who = whoIs(useRoomState(), id);
	const { name } = who;
	return (
		<div
			className={classes.next}
			data-testid="floor-next"
			data-participant={id}
		>
			<p>
				<span className={classes.tag}>{t("floor.next")}</span>
				<Named who={who} />
			</p>
			{who.person && <p className={classes.person}>{who.person}</p>}
			{chair && (
				<div className={classes.two}>
					<SmallKey
						testId="next-now"
						label={t("floor.nowTo", { name })}
						onPress={() => calling.callNow(id)}
					>
						{t("floor.now")}
					</SmallKey>
					<SmallKey
						testId="next-cancel"
						label={t("floor.cancelNextOf", { name })}
						onPress={calling.cancelNext}
					>
						{t("floor.cancelNext")}
					</SmallKey>
				</div>
			)}
		</div>
	);
}
