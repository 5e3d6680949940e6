import { IconMicrophoneFilled, IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { formatClock, formatTime, seatNumber } from "@/format";
import { SmallKey } from "@/kit/SmallKey";
import type { ParticipantId } from "@/protocol/generated/ParticipantId";
import { useCalling } from "@/room/features/chair";
import { mayChair, type Who, whoIs } from "@/room/state/selectors";
import type { Floor } from "@/room/state/state";
import {
	useRoom,
	useRoomSession,
	useRoomState,
	useSecondsUntil,
	useServerNow,
} from "@/room/view/useRoom";
import classes from "./Floor.module.css";

/** A hand that went up within this time is marked as new, in microseconds. */
const NEW_US = 20_000_000;

/** Who has the floor, who is next, and who waits for it, first come first. Everybody sees it; chair and secretary call people from it. */
export function FloorQueue({ plain }: { plain?: boolean }) {
	const { t } = useTranslation("room");
	const session = useRoomSession();
	const room = useRoomState();
	const { hands, participants, floor } = room;
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
			{floor && <Holder floor={floor} chair={chair} now={now} />}
			{next !== null && <Next id={next} chair={chair} />}
			{hands.length === 0 ? (
				<p className={classes.empty}>
					{chair ? t("floor.emptyChair") : t("floor.empty")}
				</p>
			) : (
				<ol className={classes.rows}>
					{hands.map(({ participant, sinceUs }, index) => {
						const who = whoIs(room, participant);
						const { name } = who;
						const lost = participants[participant]?.connection !== "connected";
						const recent = sinceUs !== null && now - sinceUs < NEW_US;
						const isNext = next === participant;
						const when = lost
							? t("floor.keepsPlace")
							: sinceUs === null
								? t("floor.earlier")
								: recent
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
							</li>
						);
					})}
				</ol>
			)}
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

function Holder({
	floor,
	chair,
	now,
}: {
	floor: Floor;
	chair: boolean;
	now: number;
}) {
	const { t } = useTranslation("room");
	const session = useRoomSession();
	const room = useRoomState();
	const mine = useRoom((view) => view.you === floor.participant);
	const seconds = useSecondsUntil(floor.opensAtUs);
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
		>
			<p className={classes.now}>
				<IconMicrophoneFilled size={18} aria-hidden="true" />
				{seconds === null
					? t("floor.speaking")
					: t("floor.announced", { seconds })}
			</p>
			<div className={classes.who}>
				<Named who={who} />
				<time className="fig">{formatClock((now - floor.sinceUs) / 1e6)}</time>
			</div>
			{who.person && <p className={classes.person}>{who.person}</p>}
			{end && (
				<SmallKey
					look="wide"
					testId={end.testId}
					onPress={() => void session.ask({ type: "release_floor" })}
				>
					{end.word}
				</SmallKey>
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
