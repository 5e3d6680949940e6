import { IconDots, IconMessage } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Key } from "@/kit/Key";
import { Tabs } from "@/kit/Tabs";
import { EndKey, GrantKey, LockAllKey, RecordKey } from "@/room/features/chair";
import { Chat, useUnread } from "@/room/features/chat";
import {
	CameraKey,
	HandKey,
	MicrophoneKey,
	ScreenKey,
} from "@/room/features/controls";
import { FullKey } from "@/room/features/display";
import { FloorQueue, OwnTurn } from "@/room/features/floor";
import { RecordingBadge } from "@/room/features/recording";
import { Roster } from "@/room/features/roster";
import { Stage } from "@/room/features/stage";
import { SeatList } from "@/room/features/wall";
import { attendance, mayChair } from "@/room/state/selectors";
import { useRoom, useRoomSession, useRoomState } from "@/room/view/useRoom";
import { Banners } from "./Banners";
import { MoreDrawer } from "./MoreDrawer";
import classes from "./Phone.module.css";
import { LinkState } from "./RoomBar";
import { useDeskShortcuts } from "./useDeskShortcuts";
import { useMarks } from "./useMarks";
import { useSeats } from "./useSeats";
import { useShortcuts, useShortcutsWanted } from "./useShortcuts";

type PhoneTab = "seats" | "hands" | "chat" | "roster";

/**
 * The room on a small screen, a phone's or one enlarged to 200 %: picture, one list at a time, five tools within reach of the
 * thumb. On its side, picture and list stand beside each other.
 */
export function Phone({ onLeave }: { onLeave: () => void }) {
	const { t } = useTranslation("room");
	const session = useRoomSession();
	const room = useRoomState();
	const chair = useRoom(mayChair);
	const marks = useMarks();
	const seats = useSeats();
	const [tab, setTab] = useState<PhoneTab>(chair ? "hands" : "seats");
	const { more, full } = useRoom((view) => ({
		more: view.panel !== null,
		full: view.full,
	}));
	const [wanted, setWanted] = useShortcutsWanted();
	const unread = useUnread(tab === "chat");
	const { present, invited } = attendance(room);
	const shortcuts = useDeskShortcuts({
		chair,
		selected: null,
		onSelect: (key) => {
			setTab("seats");
			requestAnimationFrame(() =>
				document.querySelector<HTMLElement>(`[data-place="${key}"]`)?.focus(),
			);
		},
		onMore: () => session.showPanel("commands"),
		onKeys: () => session.showPanel("keys"),
		onChat: () => setTab("chat"),
	});
	useShortcuts(shortcuts.act, wanted && !more);

	if (full) {
		return (
			<div className={classes.phone} {...marks} data-layout="phone" data-full>
				<div className={classes.stage}>
					<Stage tools={<FullKey />} />
				</div>
				<Banners />
			</div>
		);
	}
	return (
		<div className={classes.phone} {...marks} data-layout="phone">
			<header className={classes.head}>
				<div>
					<h1>{room.session.title}</h1>
					<p>
						<LinkState />
						<RecordingBadge />
						{invited > 0 && (
							<span className={classes.points}>
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
			<div className={classes.side}>
				<Banners />
				<div className={classes.turn}>
					<OwnTurn quiet />
				</div>
				<Tabs
					label={t("tabs.label")}
					panel="phone-panel"
					current={tab}
					onChange={setTab}
					tabs={[
						{ key: "seats", label: t("tabs.seats") },
						{ key: "hands", label: t("tabs.hands"), count: room.hands.length },
						{ key: "chat", label: t("chat.title"), count: unread },
						{ key: "roster", label: t("roster.title") },
					]}
				/>
				<main id="phone-panel" className={classes.content} role="tabpanel">
					{tab === "seats" ? (
						<SeatList onPress={seats.open} />
					) : tab === "hands" ? (
						<div className={classes.hands}>
							<FloorQueue plain />
							{chair && (
								<div className={classes.chairKeys}>
									<GrantKey />
									<LockAllKey />
								</div>
							)}
						</div>
					) : tab === "chat" ? (
						<Chat />
					) : (
						<Roster />
					)}
				</main>
			</div>
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
			<MoreDrawer
				layouts={["both"]}
				{...(hasKeyboard() && {
					shortcuts: shortcuts.list,
					wanted,
					onWanted: setWanted,
				})}
			>
				{"getDisplayMedia" in (navigator.mediaDevices ?? {}) && <ScreenKey />}
				{chair && (
					<>
						<RecordKey />
						<EndKey />
					</>
				)}
			</MoreDrawer>
		</div>
	);
}

/** Whether there is likely a keyboard: the screen is small because it is enlarged, not because it is a phone's. */
const hasKeyboard = (): boolean => !matchMedia("(pointer: coarse)").matches;
