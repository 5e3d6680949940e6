import { createStore } from "zustand/vanilla";
import type { Explanation } from "@/protocol/generated/Explanation";
import type { LinkReport } from "@/protocol/generated/LinkReport";
import type { MediaPath } from "@/protocol/generated/MediaPath";
import type { ParticipantId } from "@/protocol/generated/ParticipantId";
import type { PauseReason } from "@/protocol/generated/PauseReason";
import type { ReceiveMode } from "@/protocol/generated/ReceiveMode";
import type { RoomAct } from "@/protocol/generated/RoomAct";
import type { SlotKind } from "@/protocol/generated/SlotKind";
import type { TrackRef } from "@/protocol/generated/TrackRef";
import type { DeviceFault } from "../media/faults";
import type { Hearing } from "../media/hearing";
import type { Obstacle } from "../media/obstacle";
import type { ConnectionPhase } from "../signaling/connection";
import type { Display } from "./display";
import type { Notice } from "./notices";
import type { RoomState } from "./state";

/** What a receive line shows. */
export interface Slot {
	mid: string;
	kind: SlotKind;
	track: TrackRef | null;
	paused: PauseReason | null;
}

/** One's own devices as they are, whatever the room knows of them. */
export interface OwnMedia {
	/** Whether the camera gives a picture. */
	hasCamera: boolean;
	hasMicrophone: boolean;
	/** Whether the camera is being opened, which takes a second on slow machines. */
	openingCamera: boolean;
	/** Why a wanted device gives nothing: its fault, or the system that took it for a while; null while all is well. */
	cameraTrouble: DeviceFault["cause"] | "interrupted" | null;
	microphoneTrouble: DeviceFault["cause"] | "interrupted" | null;
	/** What the microphone hears, as far as its owner should know. */
	hearing: Hearing;
	/** The loudspeaker's id; null for the system's own. */
	speaker: string | null;
	/** Whether one's own screen is being sent. */
	sharing: boolean;
	/** 0 to 1. */
	volume: number;
}

/** A part of what is needed seldom, in the drawer. */
export type Panel = "commands" | "devices" | "keys" | "technician";

/**
 * Why a link gives no sign.
 *
 * - `offline`: this machine has no network.
 * - `network`: neither signaling nor media come.
 * - `signaling`: media flow, and nothing is said.
 * - `media`: the room talks, and no media come.
 * - `server`: the server said that it is stopping.
 * - `storage`: the server cannot save anything, and lets nobody in.
 */
export interface Outage {
	cause: "offline" | "network" | "signaling" | "media" | "server" | "storage";
	/** Since when, in milliseconds of the stay's clock. */
	sinceMs: number;
}

/** Everything the room's screens show. Streams are not in here: elements ask for them by `mid`. */
export interface RoomView {
	connection: ConnectionPhase;
	/** What of the link is silent; null while all is well, and before it was. */
	outage: Outage | null;
	/** The last break, once it is over, in milliseconds: "Back after 12 seconds". */
	lastBreakMs: number | null;
	/** Whether media flow. */
	mediaUp: boolean;
	/** By which path media flow, as the server reports it. */
	path: MediaPath | null;
	/** What keeps media from flowing, once an attempt has failed. */
	obstacle: Obstacle | null;
	/** Rises with every new peer connection: streams fetched before belong to the earlier one. */
	mediaEpoch: number;
	/** The server refused this page's offer; only the technician can help. */
	mediaRefused: boolean;
	you: ParticipantId | null;
	/** What one may do beyond following, as the server last said. */
	may: readonly RoomAct[];
	room: RoomState | null;
	slots: Readonly<Record<string, Slot>>;
	/** The dominant speaker. */
	speaker: ParticipantId | null;
	/** Level of each voice that can be heard, 0 to 127. */
	levels: Readonly<Record<ParticipantId, number>>;
	receive: ReceiveMode;
	/** Shown on this viewer's stage whatever the room shows. */
	pinned: TrackRef | null;
	link: LinkReport | null;
	/** Why the pictures are as they are, as last asked. */
	explanation: Explanation | null;
	own: OwnMedia;
	notices: readonly Notice[];
	/** What is open of the drawer. */
	panel: Panel | null;
	/** Whether one is being asked whether to leave. */
	leaving: boolean;
	/** Whose hand one is being asked about, whether to lower it; null for nobody's. */
	lowering: ParticipantId | null;
	/** The line of chat that is being written; it waits while one looks at something else. */
	draft: string;
	display: Display;
	/** Whether the pictures have the whole screen. */
	full: boolean;
}

/** The view before anything is known. */
export const emptyView: RoomView = {
	connection: { name: "idle" },
	outage: null,
	lastBreakMs: null,
	mediaUp: false,
	path: null,
	obstacle: null,
	mediaEpoch: 0,
	mediaRefused: false,
	you: null,
	may: [],
	room: null,
	slots: {},
	speaker: null,
	levels: {},
	receive: "everything",
	pinned: null,
	link: null,
	explanation: null,
	own: {
		hasCamera: false,
		hasMicrophone: false,
		openingCamera: false,
		cameraTrouble: null,
		microphoneTrouble: null,
		hearing: "fine",
		speaker: null,
		sharing: false,
		volume: 0.7,
	},
	notices: [],
	panel: null,
	leaving: false,
	lowering: null,
	draft: "",
	display: { layout: "both", hideEmpty: false },
	full: false,
};

/** Makes a room's store. One per stay. */
export function createRoomStore() {
	return createStore<RoomView>(() => emptyView);
}

/** A room's store. */
export type RoomStore = ReturnType<typeof createRoomStore>;
