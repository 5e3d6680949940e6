import { IconApps } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { EndKey, GrantKey, LockAllKey, RecordKey } from "@/features/chair";
import { Chat, useUnread } from "@/features/chat";
import {
	CameraKey,
	HandKey,
	LeaveKey,
	MicrophoneKey,
	ScreenKey,
	useOwnControls,
} from "@/features/controls";
import { FullKey, useFull } from "@/features/display";
import { FloorQueue } from "@/features/floor";
import { Roster } from "@/features/roster";
import { Stage } from "@/features/stage";
import { Wall } from "@/features/wall";
import { LAYOUTS, type Layout } from "@/room/display";
import { mayChair } from "@/room/selectors";
import {
	usePlaces,
	useRoom,
	useRoomSession,
	useRoomState,
} from "@/room/useRoom";
import { Key } from "@/ui/Key";
import { Tabs } from "@/ui/Tabs";
import { Banners } from "./Banners";
import classes from "./Desk.module.css";
import { MoreDrawer } from "./MoreDrawer";
import { RoomBar } from "./RoomBar";
import { useMarks } from "./useMarks";
import { useSeats } from "./useSeats";
import {
	type Shortcuts,
	useShortcuts,
	useShortcutsWanted,
} from "./useShortcuts";

/** Two digits within this time name one seat, in milliseconds. */
const DIGITS_MS = 1_200;

/** So few places have room for larger pictures. */
const FEW = 8;

/** The room at a desk: wall, main picture, queue, keys. The chair's keys stand in the same row as one's own. */
export function Desk({ onLeave }: { onLeave: () => void }) {
	const { t } = useTranslation("room");
	const chair = useRoom(mayChair);
	const marks = useMarks();
	const count = usePlaces().length;
	const { layout, full } = useRoom((view) => ({
		layout: view.display.layout,
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

function useDeskShortcuts({
	chair,
	selected,
	onSelect,
	onMore,
	onKeys,
	onChat,
}: {
	chair: boolean;
	selected: string | null;
	onSelect: (key: string) => void;
	onMore: () => void;
	onKeys: () => void;
	onChat: () => void;
}): { act: Shortcuts; list: { keys: string; what: string }[] } {
	const { t } = useTranslation("room");
	const session = useRoomSession();
	const room = useRoomState();
	const places = usePlaces();
	const own = useOwnControls();
	const [, toggleFull] = useFull();
	const layout = useRoom((view) => view.display.layout);
	const [digits, setDigits] = useState({ text: "", at: 0 });

	const digit = (figure: string) => () => {
		const now = Date.now();
		const text =
			now - digits.at < DIGITS_MS && digits.text.length === 1
				? digits.text + figure
				: figure;
		setDigits({ text, at: now });
		if (text.length < 2) return;
		const place = places.find(({ seat }) => seat?.number === Number(text));
		if (place) onSelect(place.key);
	};

	const common: Shortcuts = {
		KeyF: toggleFull,
		KeyV: () => session.setDisplay({ layout: nextLayout(layout) }),
		KeyL: onMore,
		"Shift+Slash": onKeys,
	};
	const commonList = [
		{ keys: t("shortcuts.arrows"), what: t("shortcuts.walk") },
		{ keys: "V", what: t("shortcuts.layout") },
		{ keys: "F", what: t("display.full") },
		{ keys: "L", what: t("shortcuts.more") },
		{ keys: "?", what: t("shortcuts.list") },
	];
	if (!chair) {
		return {
			act: {
				...common,
				KeyH: own.toggleHand,
				KeyC: onChat,
				Space: {
					down: () => {
						if (!own.open) own.microphone();
					},
					up: () => void session.setMicrophone(false),
				},
			},
			list: [
				{ keys: "H", what: t("shortcuts.hand") },
				{ keys: t("shortcuts.space"), what: t("shortcuts.talk") },
				{ keys: "C", what: t("shortcuts.chat") },
				...commonList,
			],
		};
	}
	const next = room.hands.find(
		(hand) => room.participants[hand.participant]?.connection === "connected",
	);
	const occupant =
		places.find((place) => place.key === selected)?.occupant ?? null;
	const figures = Object.fromEntries(
		[..."0123456789"].flatMap((figure) => [
			[`Digit${figure}`, digit(figure)],
			[`Numpad${figure}`, digit(figure)],
		]),
	);
	return {
		act: {
			...common,
			...figures,
			KeyM: () => {
				if (next) {
					void session.ask({
						type: "grant_floor",
						participant: next.participant,
					});
				}
			},
			KeyK: () =>
				void session.ask({ type: "set_lock_all", locked: !room.allLocked }),
			KeyP: () => {
				if (occupant !== null) {
					void session.ask({
						type: "broadcast",
						participant: room.broadcast === occupant ? null : occupant,
					});
				}
			},
			KeyT: () => {
				if (room.floor) void session.ask({ type: "release_floor" });
			},
		},
		list: [
			{ keys: "M", what: t("shortcuts.grant") },
			{ keys: "T", what: t("floor.release") },
			{ keys: "K", what: t("shortcuts.lock") },
			{ keys: "P", what: t("shortcuts.broadcast") },
			{ keys: t("shortcuts.digits"), what: t("shortcuts.select") },
			...commonList,
		],
	};
}

/** The layout after this one, around. */
const nextLayout = (layout: Layout): Layout =>
	LAYOUTS[(LAYOUTS.indexOf(layout) + 1) % LAYOUTS.length] ?? "both";
