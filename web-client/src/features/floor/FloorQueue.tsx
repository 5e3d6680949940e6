import { IconMicrophoneFilled, IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { formatClock, formatTime } from "@/format";
import { mayChair } from "@/room/selectors";
import {
	useRoom,
	useRoomSession,
	useRoomState,
	useServerNow,
} from "@/room/useRoom";
import { seatNumber } from "@/ui/VideoTile";
import classes from "./Floor.module.css";

/** A hand that went up within this time is marked as new, in microseconds. */
const NEW_US = 20_000_000;

/** Who has the floor and who waits for it, first come first. Everybody sees it; chair and secretary call people from it. */
export function FloorQueue({ plain }: { plain?: boolean }) {
	const { t } = useTranslation("room");
	const session = useRoomSession();
	const { hands, participants } = useRoomState();
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
			<Holder chair={chair} now={now} />
			{hands.length === 0 ? (
				<p className={classes.empty}>
					{chair ? t("floor.emptyChair") : t("floor.empty")}
				</p>
			) : (
				<ol className={classes.rows}>
					{hands.map((hand, index) => {
						const person = participants[hand.participant];
						const name = person?.name ?? "";
						const lost = person?.connection === "reconnecting";
						const recent = hand.sinceUs !== null && now - hand.sinceUs < NEW_US;
						return (
							<li
								key={hand.participant}
								className={classes.row}
								data-participant={hand.participant}
							>
								<span className="fig">{index + 1}</span>
								<span>
									<b>
										{person?.seat != null && (
											<span className="fig">{seatNumber(person.seat)} </span>
										)}
										{name}
									</b>
									<small>
										{lost
											? t("floor.keepsPlace")
											: hand.sinceUs === null
												? t("floor.earlier")
												: recent
													? t("floor.new", { time: formatTime(hand.sinceUs) })
													: formatTime(hand.sinceUs)}
									</small>
								</span>
								{chair && (
									<>
										<button
											type="button"
											className={classes.button}
											data-testid="grant"
											aria-label={t("floor.grantTo", { name })}
											onClick={() =>
												void session.ask({
													type: "grant_floor",
													participant: hand.participant,
												})
											}
										>
											{t("floor.grant")}
										</button>
										<button
											type="button"
											className={classes.button}
											data-icon
											aria-label={t("floor.lower", { name })}
											title={t("floor.lower", { name })}
											onClick={() =>
												void session.ask({
													type: "lower_hand",
													participant: hand.participant,
												})
											}
										>
											<IconX size={18} stroke={1.9} aria-hidden="true" />
										</button>
									</>
								)}
							</li>
						);
					})}
				</ol>
			)}
		</section>
	);
}

function Holder({ chair, now }: { chair: boolean; now: number }) {
	const { t } = useTranslation("room");
	const session = useRoomSession();
	const { floor, participants } = useRoomState();
	if (!floor) return null;
	const person = participants[floor.participant];
	return (
		<div
			className={classes.holder}
			data-testid="floor-holder"
			data-participant={floor.participant}
		>
			<p className={classes.now}>
				<IconMicrophoneFilled size={18} aria-hidden="true" />
				{t("floor.speaking")}
			</p>
			<p className={classes.who}>
				<b>
					{person?.seat != null && (
						<span className="fig">{seatNumber(person.seat)} </span>
					)}
					{person?.name}
				</b>
				{floor.sinceUs !== null && (
					<time className="fig">
						{formatClock((now - floor.sinceUs) / 1e6)}
					</time>
				)}
			</p>
			{chair && (
				<button
					type="button"
					className={classes.button}
					data-wide
					data-testid="release-floor"
					onClick={() => void session.ask({ type: "release_floor" })}
				>
					{t("floor.release")}
				</button>
			)}
		</div>
	);
}
