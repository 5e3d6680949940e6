import { Button } from "@mantine/core";
import { IconCircleCheck, IconRefresh } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { formatClock } from "@/format";
import { handPlace, linkVerdict, you } from "@/room/selectors";
import { useRoom } from "@/room/useRoom";
import { Banner } from "@/ui/Banner";
import { useLasting } from "@/ui/useLasting";
import { seatNumber } from "@/ui/VideoTile";
import classes from "./Reconnecting.module.css";

/** How long a break may last before the screen is covered, in milliseconds: most are over sooner. */
const COVER_AFTER_MS = 700;

/** How long the server holds a seat, in milliseconds: its `SEAT_HELD_SECONDS`. */
const SEAT_HELD_MS = 120_000;

/** Covers the room while the connection is lost: what happens, for how long, what is kept; nothing to press. */
export function Reconnecting({ onLeave }: { onLeave: () => void }) {
	const { t } = useTranslation("room");
	const sinceMs = useRoom(({ connection }) =>
		connection.name === "reconnecting" ? connection.sinceMs : null,
	);
	const kept = useRoom((view) => {
		const me = you(view);
		return {
			seat: me?.seat ?? null,
			role: me?.role ?? null,
			hand: me && view.room ? handPlace(view.room, me.id) : null,
		};
	});
	const now = useTick(sinceMs !== null);
	if (sinceMs === null || now - sinceMs < COVER_AFTER_MS) return null;
	const held = now - sinceMs < SEAT_HELD_MS;
	return (
		<div
			className={classes.off}
			role="alertdialog"
			aria-modal="true"
			aria-labelledby="reconnecting"
			data-testid="reconnecting"
		>
			<div className={classes.box}>
				<IconRefresh size={64} stroke={1.5} aria-hidden="true" />
				<h2 id="reconnecting">{t("reconnect.title")}</h2>
				<p>
					<span className={`fig ${classes.time}`} aria-hidden="true">
						{formatClock((now - sinceMs) / 1000)}
					</span>
				</p>
				<p aria-live="assertive">
					{held ? t("reconnect.text") : t("reconnect.long")}
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

function Kept({ children }: { children: React.ReactNode }) {
	return (
		<li>
			<IconCircleCheck size={24} stroke={1.9} aria-hidden="true" />
			{children}
		</li>
	);
}

/** Says so while signaling lives but media do not, or barely do. */
export function MediaBanner() {
	const { t } = useTranslation("room");
	const { verdict, refused, live, receive, obstacle } = useRoom((view) => ({
		verdict: linkVerdict(view),
		refused: view.mediaRefused,
		live: view.connection.name === "live",
		obstacle: view.obstacle,
		receive: view.receive,
	}));
	const long = useLasting(live && verdict === "connecting", 3_000);
	if (refused) return <Banner tone="bad">{t("media.refused")}</Banner>;
	if (obstacle && live && verdict === "connecting") {
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
	if (long) return <Banner tone="warn">{t("media.connecting")}</Banner>;
	if (verdict === "weak" && receive === "everything") {
		return <Banner tone="warn">{t("media.weak")}</Banner>;
	}
	return null;
}

function useTick(running: boolean): number {
	const [now, setNow] = useState(() => Date.now());
	useEffect(() => {
		if (!running) return;
		setNow(Date.now());
		const timer = setInterval(() => setNow(Date.now()), 250);
		return () => clearInterval(timer);
	}, [running]);
	return now;
}
