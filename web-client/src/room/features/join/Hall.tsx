import { IconApps } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Key } from "@/kit/Key";
import { Tabs } from "@/kit/Tabs";
import { EndKey, GrantKey, LockAllKey, RecordKey } from "@/room/features/chair";
import { Chat, useUnread } from "@/room/features/chat";
import {
	CameraKey,
	HandKey,
	LeaveKey,
	MicrophoneKey,
	ScreenKey,
	useOwnControls,
	VolumeKey,
} from "@/room/features/controls";
import { FullKey, useFull } from "@/room/features/display";
import { FloorQueue, OwnTurn } from "@/room/features/floor";
import { Roster } from "@/room/features/roster";
import { Stage } from "@/room/features/stage";
import { Wall } from "@/room/features/wall";
import { SLOTS } from "@/room/media/profile";
import { LAYOUTS } from "@/room/state/display";
import {
	myTurnIsAnnounced as announced,
	mayChair,
} from "@/room/state/selectors";
import { usePlaces, useRoom, useRoomSession } from "@/room/view/useRoom";
import { Banners } from "./Banners";
import classes from "./Hall.module.css";
import { MoreDrawer } from "./MoreDrawer";
import { RoomBar } from "./RoomBar";
import { SelfTile } from "./SelfTile";
import { useMarks } from "./useMarks";
import { useSeats } from "./useSeats";
import { useShortcuts, useShortcutsWanted } from "./useShortcuts";

type HallTab = "seats" | "hands" | "chat";

/** The room in a point's hall: everything is read from three metres, and worked with five keys. */
export function Hall({ onLeave }: { onLeave: () => void }) {
	const { t } = useTranslation("room");
	const chair = useRoom(mayChair);
	const marks = useMarks();
	const places = usePlaces();
	const hands = useRoom((view) => view.room?.hands.length ?? 0);
	const own = useOwnControls();
	const seats = useSeats();
	const [selected, setSelected] = useState<string | null>(null);
	const [tab, setTab] = useState<HallTab>("seats");
	const session = useRoomSession();
	const { more, chosen, full } = useRoom((view) => ({
		more: view.panel !== null,
		// What everybody is about to see of this point stands on the stage.
		chosen: announced(view) ? "both" : view.display.layout,
		full: view.full,
	}));
	// A hall receives few small pictures: a wall of more than those would be black.
	const layouts = LAYOUTS.filter(
		(one) => one !== "wall" || places.length <= SLOTS.room.tiles + 1,
	);
	const layout = layouts.includes(chosen) ? chosen : "both";
	const [, toggleFull] = useFull();
	const [wanted, setWanted] = useShortcutsWanted();
	const unread = useUnread(tab === "chat");
	const openMore = () => session.showPanel("commands");
	useShortcuts(
		{
			Digit0: own.decline,
			Numpad0: own.decline,
			Digit1: own.toggleHand,
			Digit2: own.microphone,
			Digit3: own.camera,
			Digit4: openMore,
			Numpad1: own.toggleHand,
			Numpad2: own.microphone,
			Numpad3: own.camera,
			Numpad4: openMore,
			NumpadAdd: own.louder,
			NumpadSubtract: own.softer,
			Equal: own.louder,
			"Shift+Equal": own.louder,
			Minus: own.softer,
			KeyF: toggleFull,
			"Shift+Slash": () => session.showPanel("keys"),
		},
		wanted && !more,
	);
	const wall = (
		<Wall onPress={seats.open} selected={selected} onSelect={setSelected} />
	);

	return (
		<div
			className={classes.room}
			{...marks}
			data-layout="room"
			data-full={full || undefined}
		>
			{!full && <RoomBar />}
			<Banners />
			<main className={classes.main} data-show={full ? "full" : layout}>
				{layout === "wall" ? (
					<div className={classes.wall}>{wall}</div>
				) : (
					<Stage tools={<FullKey />} />
				)}
				{!full && (
					<div className={classes.side}>
						<SelfTile />
						<OwnTurn />
						<section className={classes.panel}>
							<Tabs
								label={t("tabs.label")}
								panel="hall-panel"
								current={tab}
								onChange={setTab}
								tabs={[
									{ key: "seats", label: t("tabs.seats") },
									{ key: "hands", label: t("tabs.hands"), count: hands },
									{ key: "chat", label: t("chat.title"), count: unread },
								]}
							/>
							<div id="hall-panel" className={classes.content} role="tabpanel">
								{tab === "hands" ? (
									<FloorQueue plain />
								) : tab === "chat" ? (
									<Chat />
								) : layout === "wall" ? (
									<Roster />
								) : (
									wall
								)}
							</div>
						</section>
					</div>
				)}
			</main>
			{!full && (
				<nav className={classes.deck} aria-label={t("keys.own")}>
					<HandKey letter="1" />
					<MicrophoneKey letter="2" />
					<CameraKey letter="3" />
					<Key
						icon={IconApps}
						word={t("keys.more")}
						detail={t("keys.moreDetail")}
						letter="4"
						expanded={more}
						testId="key-more"
						onPress={openMore}
					/>
					<VolumeKey />
				</nav>
			)}
			{seats.layers}
			<MoreDrawer
				layouts={layouts}
				wanted={wanted}
				onWanted={setWanted}
				shortcuts={[
					{ keys: "0", what: t("shortcuts.notYet") },
					{ keys: "1", what: t("shortcuts.hand") },
					{ keys: "2", what: t("shortcuts.microphone") },
					{ keys: "3", what: t("shortcuts.camera") },
					{ keys: "4", what: t("shortcuts.more") },
					{ keys: "+ −", what: t("shortcuts.volume") },
					{ keys: "F", what: t("display.full") },
					{ keys: "?", what: t("shortcuts.list") },
				]}
			>
				<ScreenKey />
				<LeaveKey onPress={onLeave} />
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
