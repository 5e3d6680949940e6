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
} from "@/room/features/controls";
import { FullKey } from "@/room/features/display";
import { FloorQueue } from "@/room/features/floor";
import { Roster } from "@/room/features/roster";
import { Stage } from "@/room/features/stage";
import { Wall } from "@/room/features/wall";
import { LAYOUTS } from "@/room/state/display";
import {
	myTurnIsAnnounced as announced,
	mayChair,
} from "@/room/state/selectors";
import { usePlaces, useRoom, useRoomSession } from "@/room/view/useRoom";
import { Banners } from "./Banners";
import classes from "./Desk.module.css";
import { MoreDrawer } from "./MoreDrawer";
import { RoomBar } from "./RoomBar";
import { useDeskShortcuts } from "./useDeskShortcuts";
import { useMarks } from "./useMarks";
import { useSeats } from "./useSeats";
import { useShortcuts, useShortcutsWanted } from "./useShortcuts";

/** So few places have room for larger pictures. */
const FEW = 8;

/** The room at a desk: wall, main picture, queue, keys. The chair's keys stand in the same row as one's own. */
export function Desk({ onLeave }: { onLeave: () => void }) {
	const { t } = useTranslation("room");
	const chair = useRoom(mayChair);
	const marks = useMarks();
	const count = usePlaces().length;
	const { layout, full } = useRoom((view) => ({
		// What everybody is about to see of oneself stands on the stage.
		layout: announced(view) ? "both" : view.display.layout,
		full: view.full,
	}));
	const seats = useSeats();
	const [selected, setSelected] = useState<string | null>(null);
	const [tab, setTab] = useState<"chat" | "roster">("chat");
	const session = useRoomSession();
	const more = useRoom((view) => view.panel !== null);
	const [wanted, setWanted] = useShortcutsWanted();
	const unread = useUnread(tab === "chat");
	const openMore = () => session.showPanel("commands");
	const deskShortcuts = useDeskShortcuts({
		chair,
		selected,
		onSelect: (key) => {
			setSelected(key);
			document.querySelector<HTMLElement>(`[data-place="${key}"]`)?.focus();
		},
		onMore: openMore,
		onKeys: () => session.showPanel("keys"),
		onChat: () => {
			setTab("chat");
			requestAnimationFrame(() =>
				document
					.querySelector<HTMLElement>("[data-testid=chat-input]")
					?.focus(),
			);
		},
	});
	useShortcuts(deskShortcuts.act, wanted && !more);
	const wall = (
		<div className={classes.wall}>
			<Wall onPress={seats.open} selected={selected} onSelect={setSelected} />
			{layout === "wall" && (
				<div className={classes.corner}>
					<FullKey />
				</div>
			)}
		</div>
	);

	return (
		<div
			className={classes.room}
			{...marks}
			data-layout="desk"
			data-full={full || undefined}
		>
			{!full && <RoomBar />}
			<Banners />
			<main
				className={classes.main}
				data-show={full ? "full" : layout}
				data-places={count > 24 ? "many" : count <= FEW ? "few" : undefined}
			>
				<div className={classes.centre}>
					{layout === "wall" ? wall : <Stage tools={<FullKey />} />}
					{!full && (
						<section className={classes.panel}>
							<Tabs
								label={t("tabs.label")}
								panel="desk-panel"
								current={tab}
								onChange={setTab}
								tabs={[
									{ key: "chat", label: t("chat.title"), count: unread },
									{ key: "roster", label: t("roster.title") },
								]}
							/>
							<div id="desk-panel" className={classes.content} role="tabpanel">
								{tab === "chat" ? <Chat /> : <Roster />}
							</div>
						</section>
					)}
				</div>
				{layout === "both" && !full && wall}
				{!full && <FloorQueue />}
			</main>
			{!full && (
				<nav
					className={classes.deck}
					data-chair={chair || undefined}
					aria-label={chair ? t("keys.chair") : t("keys.own")}
				>
					{chair ? (
						<>
							<MicrophoneKey narrow />
							<CameraKey narrow />
							<ScreenKey narrow />
							<GrantKey />
							<LockAllKey />
							<RecordKey />
						</>
					) : (
						<>
							<HandKey letter="H" />
							<MicrophoneKey />
							<CameraKey />
							<ScreenKey />
						</>
					)}
					<Key
						icon={IconApps}
						word={t("keys.more")}
						detail={t("keys.moreDetail")}
						letter="L"
						expanded={more}
						testId="key-more"
						onPress={openMore}
					/>
					{chair ? <EndKey /> : <LeaveKey onPress={onLeave} />}
				</nav>
			)}
			{seats.layers}
			<MoreDrawer
				layouts={LAYOUTS}
				shortcuts={deskShortcuts.list}
				wanted={wanted}
				onWanted={setWanted}
			>
				{chair && <LeaveKey onPress={onLeave} />}
			</MoreDrawer>
		</div>
	);
}
