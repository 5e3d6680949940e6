import { Button } from "@mantine/core";
import { IconCircleCheck, IconRefresh } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { formatClock, seatNumber } from "@/format";
import { Banner } from "@/kit/Banner";
import { useLasting } from "@/kit/useLasting";
import { handPlace, linkVerdict, you } from "@/room/state/selectors";
import type { RoomView } from "@/room/state/store";
import { useRoom, useSecondsSince } from "@/room/view/useRoom";
import classes from "./Reconnecting.module.css";

/** How long nothing may come before the room is covered, in seconds: most breaks are over sooner, and only the bar turns. */
const COVER_AFTER_S = 3;

/** How long the server holds a seat, in seconds: its `SEAT_HELD_SECONDS`. */
const SEAT_HELD_S = 120;

/** What cuts off a person altogether: neither words nor pictures come, and nothing can be done in the room. */
const cutOff = ({ outage, connection }: RoomView) => {
	if (connection.name !== "reconnecting" || outage === null) return null;
	const { cause, sinceMs } = outage;
	return cause === "signaling" || cause === "media" ? null : { cause, sinceMs };
};

/** Whether somebody is cut off altogether. */
export const isCutOff = (view: RoomView): boolean => cutOff(view) !== null;

/**
 * Lies over the room while the connection is lost: the last pictures stay in sight, grey; what happens, for how long, what is
 * kept; nothing to press.
 */
export function Reconnecting({ onLeave }: { onLeave: () => void }) {
	const { t } = useTranslation("room");
	const outage = useRoom(cutOff);
	const kept = useRoom((view) => {
		const me = you(view);
		return {
			seat: me?.seat ?? null,
			role: me?.role ?? null,
			hand: me && view.room ? handPlace(view.room, me.id) : null,
		};
	});
	const seconds = useSecondsSince(outage?.sinceMs ?? null);
	if (!outage || seconds === null || seconds < COVER_AFTER_S) return null;
	const { cause } = outage;
	return (
		<div
			className={classes.off}
			role="alertdialog"
			aria-modal="true"
			aria-labelledby="reconnecting"
			data-testid="reconnecting"
			data-cause={cause}
		>
			<div className={classes.box}>
				<IconRefresh size={48} stroke={1.5} aria-hidden="true" />
				<h2 id="reconnecting">{t("reconnect.title")}</h2>
				<p>
					<span className={`fig ${classes.time}`} aria-hidden="true">
						{formatClock(seconds)}
					</span>
				</p>
				<p aria-live="assertive">
					{seconds < SEAT_HELD_S
						? t(`reconnect.${cause}`)
						: t("reconnect.long")}
				</p>
				<ul>
					{kept.seat !== null && (
						<Kept>
							{t("reconnect.seat", { number: seatNumber(kept.seat) })}
						</Kept>
					)}
					{kept.role !== null && (
						<Kept>{t("reconnect.role", { role: t(`role.${kept.role}`) })}</Kept>
					)}
					{kept.hand !== null && (
						<Kept>{t("reconnect.hand", { place: kept.hand })}</Kept>
					)}
				</ul>
				<Button className={classes.leave} onClick={onLeave}>
					{t("keys.leave")}
				</Button>
			</div>
		</div>
	);
}

/** Names what of the link is silent while the other half of it works. */
export function OutageBanner() {
	const { t } = useTranslation("room");
	const { outage, live } = useRoom((view) => ({
		outage: view.outage,
		live: view.connection.name === "live",
	}));
	const seconds = useSecondsSince(outage?.sinceMs ?? null);
	if (!outage || seconds === null) return null;
	const half = outage.cause === "signaling" || outage.cause === "media";
	// What is silent altogether has a cover of its own once it lasts.
	if (!half && !live) return null;
	return (
		<Banner tone="warn" urgent>
			<span data-testid="outage" data-cause={outage.cause}>
				{t(`outage.${outage.cause}`)}{" "}
				<b className="fig" aria-hidden="true">
					{formatClock(seconds)}
				</b>
			</span>
		</Banner>
	);
}

function Kept({ children }: { children: React.ReactNode }) {
	return (
		<li>
			<IconCircleCheck size={24} stroke={1.9} aria-hidden="true" />
			{children}
		</li>
	);
}

/** Says so while the link is silent in part, weak, or media never came. */
export function MediaBanner() {
	const { t } = useTranslation("room");
	const { verdict, refused, live, receive, obstacle, out } = useRoom(
		(view) => ({
			verdict: linkVerdict(view),
			refused: view.mediaRefused,
			live: view.connection.name === "live",
			obstacle: view.obstacle,
			receive: view.receive,
			out: view.outage !== null,
		}),
	);
	const long = useLasting(live && verdict === "connecting", 3_000);
	if (refused) return <Banner tone="bad">{t("media.refused")}</Banner>;
	if (obstacle && live && (verdict === "connecting" || verdict === "lost")) {
		return (
			<Banner tone="bad">
				<span data-testid="obstacle" data-cause={obstacle.cause}>
					{t(`media.blocked_${obstacle.cause}`, {
						ports: obstacle.ports.join(", "),
						port: location.port || "443",
						host: location.hostname,
						certificate: `${location.origin}/ca.crt`,
					})}
				</span>
			</Banner>
		);
	}
	if (out) return <OutageBanner />;
	if (long) return <Banner tone="warn">{t("media.connecting")}</Banner>;
	if (verdict === "weak" && receive === "everything") {
		return <Banner tone="warn">{t("media.weak")}</Banner>;
	}
	return null;
}
