import { IconDots, IconMessage } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { EndKey, GrantKey, LockAllKey, RecordKey } from "@/features/chair";
import { Chat, useUnread } from "@/features/chat";
import {
	CameraKey,
	HandKey,
	MicrophoneKey,
	ScreenKey,
} from "@/features/controls";
import { FullKey } from "@/features/display";
import { FloorQueue } from "@/features/floor";
import { RecordingBadge } from "@/features/recording";
import { Stage } from "@/features/stage";
import { SeatList } from "@/features/wall";
import { attendance, mayChair } from "@/room/selectors";
import { useRoom, useRoomSession, useRoomState } from "@/room/useRoom";
import { Key } from "@/ui/Key";
import { Tabs } from "@/ui/Tabs";
import { Banners } from "./Banners";
import { MoreDrawer } from "./MoreDrawer";
import classes from "./Phone.module.css";
import { useMarks } from "./useMarks";
import { useSeats } from "./useSeats";

type PhoneTab = "seats" | "hands" | "chat";

/** The room on a phone: picture on top, one list at a time, five tools within reach of the thumb. */
export function Phone({ onLeave }: { onLeave: () => void }) {
	const { t } = useTranslation("room");
	const room = useRoomState();
	const chair = useRoom(mayChair);
	const marks = useMarks();
	const seats = useSeats();
	const [tab, setTab] = useState<PhoneTab>("seats");
	const session = useRoomSession();
	const more = useRoom((view) => view.panel !== null);
	const unread = useUnread(tab === "chat");
	const { present, invited } = attendance(room);

	return (
		<div className={classes.phone} {...marks} data-layout="phone">
			<header className={classes.head}>
				<div>
					<h1>{room.session.title}</h1>
					<p>
						<RecordingBadge />
						{invited > 0 && (
							<span>
								{t("bar.points")}{" "}
								<b className="fig">
									{t("bar.points_count", { present, invited })}
								</b>
							</span>
						)}
					</p>
				</div>
				<button
					type="button"
					className={classes.leave}
					data-testid="key-leave"
					onClick={onLeave}
				>
					{t("keys.leaveShort")}
				</button>
			</header>
			<div className={classes.stage}>
				<Stage tools={<FullKey />} />
			</div>
			<Banners />
			<Tabs
				label={t("tabs.label")}
				panel="phone-panel"
				current={tab}
				onChange={setTab}
				tabs={[
					{ key: "seats", label: t("tabs.seats") },
					{ key: "hands", label: t("tabs.hands"), count: room.hands.length },
					{ key: "chat", label: t("chat.title"), count: unread },
				]}
			/>
			<main id="phone-panel" className={classes.content} role="tabpanel">
				{tab === "seats" ? (
					<SeatList onPress={seats.open} />
				) : tab === "hands" ? (
					<FloorQueue plain />
				) : (
					<Chat />
				)}
			</main>
			<nav className={classes.tools} aria-label={t("keys.own")}>
				<MicrophoneKey narrow />
				<CameraKey narrow />
				<HandKey narrow short />
				<Key
					narrow
					icon={IconMessage}
					word={t("chat.title")}
					detail={t("chat.unread", { count: unread })}
					look={tab === "chat" ? "on" : "rest"}
					testId="key-chat"
					onPress={() => setTab(tab === "chat" ? "seats" : "chat")}
				/>
				<Key
					narrow
					icon={IconDots}
					word={t("keys.moreShort")}
					detail={t("keys.moreDetail")}
					expanded={more}
					testId="key-more"
					onPress={() => session.showPanel("commands")}
				/>
			</nav>
			{seats.layers}
			<MoreDrawer layouts={["both"]}>
				{"getDisplayMedia" in (navigator.mediaDevices ?? {}) && <ScreenKey />}
				{chair && (
					<>
						<GrantKey />
						<LockAllKey />
						<RecordKey />
						<EndKey />
					</>
				)}
			</MoreDrawer>
		</div>
	);
}
