import { MantineProvider } from "@mantine/core";
import { act, render } from "@testing-library/react";
import type { ReactElement } from "react";
import { I18nextProvider } from "react-i18next";
import { vi } from "vitest";
import { i18n, startI18n } from "@/i18n";
import type { Event } from "@/protocol/generated/Event";
import type { Participant } from "@/protocol/generated/Participant";
import type { RaisedHand } from "@/protocol/generated/RaisedHand";
import type { RoomAct } from "@/protocol/generated/RoomAct";
import type { RoomState as Snapshot } from "@/protocol/generated/RoomState";
import type { Turn } from "@/protocol/generated/Turn";
import { OwnDevices } from "@/room/media/ownDevices";
import { fromSnapshot, type RoomState, reduce } from "@/room/state/state";
import { createRoomStore, type RoomView } from "@/room/state/store";
import type { RoomSession } from "@/room/stay/session";
import { RoomProvider } from "@/room/view/useRoom";
import { FakeMachine } from "./machine";

/** A participant as a point's device usually is: here, microphone closed. */
export function person(
	id: string,
	change: Partial<Participant> = {},
): Participant {
	return {
		id,
		name: id,
		role: "point",
		bridge_point: null,
		seat: null,
		connection: "connected",
		microphone: { on: false, muted: false, locked: false, granted: false },
		camera_on: true,
		encoder: false,
		...change,
	};
}

/** A raised hand. */
export const hand = (
	participant: string,
	change: Partial<RaisedHand> = {},
): RaisedHand => ({ participant, since_us: 0, topic: null, ...change });

/** A turn that began so, without an end. */
export const turn = (change: Partial<Turn> = {}): Turn => ({
	since_us: 0,
	opens_at_us: null,
	ends_at_us: null,
	topic: null,
	...change,
});

/** Somebody was given the floor, at once and for as long as it takes. */
export const granted = (
	participant: string,
	by: string,
	change: Partial<Extract<Event, { type: "floor_granted" }>> = {},
): Event => ({
	type: "floor_granted",
	participant,
	by,
	opens_at_us: null,
	ends_at_us: null,
	topic: null,
	...change,
});

/** Somebody's turn is over. */
export const released = (
	participant: string,
	change: Partial<Extract<Event, { type: "floor_released" }>> = {},
): Event => ({
	type: "floor_released",
	participant,
	declined: false,
	expired: false,
	...change,
});

/** A meeting of three points: Sở, Vinh, Quế Phong. */
export function meeting(change: Partial<Snapshot> = {}): Snapshot {
	return {
		session: {
			id: "s",
			code: "GB-11",
			title: "Giao ban tháng 11",
			kind: "meeting",
			preset: "discussion",
			starts_at_us: 0,
			ends_at_us: 1,
			opened_at_us: 0,
			auto_record: false,
			recording_kept_until_us: null,
		},
		seats: ["Sở GD&ĐT", "Vinh", "Quế Phong"].map((name, index) => ({
			number: index + 1,
			bridge_point: `b${index + 1}`,
			code: `DC-0${index + 1}`,
			name,
			main: index === 0,
		})),
		participants: [
			person("so", { name: "Sở GD&ĐT", seat: 1, role: "chair" }),
			person("vinh", { name: "Vinh", seat: 2 }),
		],
		hands: [],
		unheard_first: false,
		heard: [],
		turn_length: null,
		floor: null,
		turn: null,
		next: null,
		broadcast: null,
		screen: null,
		screen_locked_to: null,
		all_locked: false,
		chair_away: false,
		recording: "off",
		chat: [],
		older_chat: false,
		removed: [],
		viewers: 0,
		...change,
	};
}

/** What the server tells `you` that you may do in a room that stands so. */
export function actsOf(
	{ participants, floor, chairAway, screenLockedTo, session }: RoomState,
	you: string,
): RoomAct[] {
	const role = participants[you]?.role;
	if (role === undefined) return [];
	const presides = role === "chair" || role === "secretary";
	const speaks = floor?.participant === you;
	const publishes = role !== "viewer" || speaks;
	const shares =
		screenLockedTo === null
			? presides || speaks || session.preset === "discussion"
			: screenLockedTo === you;
	return [
		...(publishes ? (["publish_media"] as const) : []),
		...(publishes && shares ? (["share_screen"] as const) : []),
		...(presides ? (["preside"] as const) : []),
		...(role === "chair" ? (["give_chair"] as const) : []),
		...(role === "chair" || (presides && chairAway)
			? (["end_session"] as const)
			: []),
	];
}

/** Renders a part of the room for `you`; what it asks of the server is in `ask`. */
export async function renderInRoom(
	part: ReactElement,
	you: string,
	snapshot: Snapshot = meeting(),
	view: Partial<RoomView> = {},
) {
	await startI18n("vi");
	const store = createRoomStore();
	const room = fromSnapshot(snapshot, null);
	store.setState({
		you,
		may: actsOf(room, you),
		room,
		connection: { name: "live" },
		mediaUp: true,
		...view,
	});
	const ask = vi.fn(async () => true);
	const setView = vi.fn();
	const setMicrophone = vi.fn(async () => undefined);
	const notify = vi.fn();
	const session = {
		store,
		profile: "desk",
		devices: new OwnDevices(new FakeMachine().platform),
		setDisplay: (change: Partial<RoomView["display"]>) =>
			store.setState({ display: { ...store.getState().display, ...change } }),
		setFull: (full: boolean) => store.setState({ full }),
		showPanel: (panel: RoomView["panel"]) => store.setState({ panel }),
		askToLeave: (leaving: boolean) => store.setState({ leaving }),
		lowerHand: vi.fn(),
		askToLower: (lowering: string | null) => store.setState({ lowering }),
		confirmLower: vi.fn(async () => undefined),
		write: (draft: string) => store.setState({ draft }),
		ask,
		setView,
		setMicrophone,
		setCamera: vi.fn(async () => undefined),
		setScreen: vi.fn(async () => undefined),
		setReceive: vi.fn(async () => undefined),
		setVolume: vi.fn(),
		pin: vi.fn(),
		remove: vi.fn(async () => undefined),
		loadChat: vi.fn(async () => undefined),
		notify,
		dismiss: vi.fn(),
		leave: vi.fn(async () => undefined),
		stream: () => null,
		ownStream: () => null,
		audioMids: () => [],
		stats: async () => null,
		explainMedia: vi.fn(),
		serverNowUs: () => Date.now() * 1000,
		nowMs: () => Date.now(),
		reached: false,
	} as unknown as RoomSession;
	const within = (part: ReactElement) => (
		<I18nextProvider i18n={i18n}>
			<MantineProvider forceColorScheme="dark">
				<RoomProvider session={session}>{part}</RoomProvider>
			</MantineProvider>
		</I18nextProvider>
	);
	const shown = render(within(part));
	/** Puts another part in place of the one that is shown. */
	const show = (other: ReactElement) => shown.rerender(within(other));
	/** The server says that something happened. */
	const happens = (event: Event) => {
		const before = store.getState().room;
		if (!before) throw new Error("there is a room");
		const room = reduce(before, { seq: 1, at_us: 1, event });
		act(() => store.setState({ room, may: actsOf(room, you) }));
	};
	return {
		...shown,
		show,
		store,
		session,
		ask,
		setMicrophone,
		notify,
		happens,
	};
}
