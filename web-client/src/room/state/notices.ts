import { formatDate, formatTime } from "@/format";
import type { ByeReason } from "@/protocol/generated/ByeReason";
import type { DisconnectReason } from "@/protocol/generated/DisconnectReason";
import type { Event } from "@/protocol/generated/Event";
import type { EventFrame } from "@/protocol/generated/EventFrame";
import type { Microphone } from "@/protocol/generated/Microphone";
import type { ParticipantId } from "@/protocol/generated/ParticipantId";
import type { Refusal } from "@/protocol/generated/Refusal";
import type { words } from "@/room/words.vi";
import type { DeviceNews } from "../media/capture";
import type { ListedKind } from "../media/devices";
import type { DeviceFault } from "../media/faults";
import { isAnnounced, nameOf } from "./selectors";
import { type Floor, type RoomState, TURN_NEARLY_OVER_S } from "./state";

/** How a notice looks, and how urgently it is read out. */
export type Tone = "ok" | "info" | "warn" | "bad";

/** What sentences may name; each uses what it needs. */
export type NoticeParams = {
	name: string;
	/** Who, or what, takes the place of `name`. */
	by: string;
	detail: string;
	seconds: number;
	/** A day, as it is written. */
	date: string;
	/** A time of day. */
	time: string;
};

/** The sentences that a notice can be. */
export type NoticeKey = keyof typeof words.notice;

/** A sentence of the catalogue for the person in front of the screen. */
export interface Notice {
	id: number;
	tone: Tone;
	/** The key in the room's catalogue, under `notice.`. */
	key: NoticeKey;
	params: NoticeParams;
	/** Whether a screen reader interrupts for it. */
	urgent: boolean;
	/** Whether it stays until it is closed; the others go after 6 s. */
	stays: boolean;
	/** What it is about: the next one about the same takes its place. */
	topic?: string;
	/** Which of one's devices it is about. */
	device?: ListedKind | "screen";
	/** What is wrong with it: some faults have a way out that depends on the machine. */
	fault?: DeviceFault;
	/** What can be done about it here, with one key. */
	action?: NoticeAction;
}

/** What a notice's key does. */
export type NoticeAction =
	| { type: "retry"; device: "camera" | "microphone" }
	| { type: "devices" }
	| { type: "readmit"; participant: ParticipantId };

/** A notice before it has its number. */
export type NewNotice = Omit<Notice, "id">;

const notice = (
	tone: Tone,
	key: NoticeKey,
	params: Partial<NoticeParams> = {},
	{ urgent = false, stays = false } = {},
): NewNotice => ({
	tone,
	key,
	params: {
		name: "",
		by: "",
		detail: "",
		seconds: 0,
		date: "",
		time: "",
		...params,
	},
	urgent,
	stays,
});

/**
 * Returns what `you` should be told about an event, if anything. `before` is the room as it was. One's own doings are
 * seen on the keys and need no words.
 */
export function noticeOf(
	before: RoomState,
	{ event }: EventFrame,
	you: ParticipantId | null,
): NewNotice | null {
	const mine = "participant" in event && event.participant === you;
	switch (event.type) {
		case "floor_granted":
			if (!mine)
				return notice("info", "floor_other", {
					name: nameOf(before, event.participant),
				});
			// An announced turn has its own place on the screen; what opens at once was asked for.
			return event.opens_at_us === null
				? notice("ok", "floor_mine", {}, { urgent: true })
				: null;
		case "floor_released": {
			if (!mine) return null;
			if (event.declined) return notice("info", "floor_declined");
			const microphone = before.participants[event.participant]?.microphone;
			if (microphone && isOpenBySwitch(microphone))
				return notice("info", "floor_over_open", {}, { urgent: true });
			return event.expired
				? notice("info", "floor_expired", {}, { urgent: true })
				: notice("info", "floor_over");
		}
		case "turn_end_moved":
			return you !== null && before.floor?.participant === you
				? notice("ok", "floor_extended")
				: null;
		case "next_changed":
			return mine ? notice("info", "next_mine", {}, { urgent: true }) : null;
		case "microphone_changed": {
			if (!mine) return null;
			const earlier = before.participants[event.participant]?.microphone;
			return microphoneNotice(before, event, earlier, you);
		}
		case "hand_lowered":
			// A hand also goes down when its owner gets the floor; that is said by itself.
			return mine && before.floor?.participant !== event.participant
				? notice("warn", "hand_taken", {}, { urgent: true })
				: null;
		case "preset_changed":
			return notice("info", `preset_${event.preset}`);
		case "screen_locked":
			if (mine) return notice("info", "screen_mine", {}, { urgent: true });
			return event.participant === null
				? before.screenLockedTo === null
					? null
					: notice("info", "screen_free")
				: notice("info", "screen_kept", {
						name: nameOf(before, event.participant),
					});
		case "screen_changed":
			return event.participant !== null && event.participant !== you
				? notice("info", "screen_other", {
						name: nameOf(before, event.participant),
					})
				: null;
		case "recording_changed":
			switch (event.state) {
				case "on":
					return before.recording === "on" ? null : recordingNotice(before);
				case "off":
					return before.recording === "off"
						? null
						: notice("info", "recording_off");
				case "failed":
					return notice("bad", "recording_failed", {}, { stays: true });
				case "starting":
					return null;
				default:
					return event.state satisfies never;
			}
		case "broadcast_changed":
			return mine ? notice("info", "broadcast_mine") : null;
		case "participant_left": {
			// Who runs the room is told who was taken off.
			const role = you === null ? undefined : before.participants[you]?.role;
			return event.reason === "access_ended" &&
				(role === "chair" || role === "secretary")
				? notice("info", "part_ended", {
						name: nameOf(before, event.participant),
					})
				: null;
		}
		case "role_changed":
			if (!mine)
				return event.role === "chair"
					? notice("info", "chair_now", {
							name: nameOf(before, event.participant),
						})
					: null;
			return before.participants[event.participant]?.role === "chair"
				? notice("info", "chair_passed", {}, { stays: true })
				: notice("info", `role_${event.role}`);
		case "chair_away_changed":
			// Only the secretary can do anything about it.
			if (you === null || before.participants[you]?.role !== "secretary")
				return null;
			return event.away
				? notice("warn", "chair_away", {}, { urgent: true })
				: notice("info", "chair_back");
		case "session_changed":
			return event.ends_at_us === before.session.ends_at_us
				? null
				: notice("info", "session_changed", {
						time: formatTime(event.ends_at_us),
					});
		case "room_opened":
		case "participant_joined":
		case "connection_changed":
		case "all_locked":
		case "camera_changed":
		case "hand_raised":
		case "topic_changed":
		case "turn_length_changed":
		case "queue_order_changed":
		case "chat_sent":
		case "viewers_changed":
		case "participant_readmitted":
		case "session_ended":
			return null;
		default:
			void (event satisfies never);
			return null;
	}
}

/** Says what became of one's own microphone by others; one's own doings are seen on the key. */
function microphoneNotice(
	room: RoomState,
	{ microphone, by }: Extract<Event, { type: "microphone_changed" }>,
	earlier: Microphone | undefined,
	you: ParticipantId | null,
): NewNotice | null {
	if (microphone.granted && !earlier?.granted) {
		// What was asked for opens with the turn; that was said.
		return you !== null && isAnnounced(room, you)
			? notice("ok", "floor_mine", {}, { urgent: true })
			: null;
	}
	if (by === you) return null;
	if (microphone.locked && !earlier?.locked)
		return notice("info", "mic_locked");
	const opened =
		isOpenBySwitch(microphone) && earlier && !isOpenBySwitch(earlier);
	if (!microphone.locked && earlier?.locked) {
		return opened
			? notice("warn", "mic_unlocked_open", {}, { urgent: true })
			: notice("ok", "mic_unlocked");
	}
	if (microphone.muted && !earlier?.muted) return notice("info", "mic_muted");
	return opened ? notice("warn", "mic_open_again", {}, { urgent: true }) : null;
}

/** Whether a microphone is open without any turn: its owner opened it, and nobody closed it since. */
const isOpenBySwitch = ({ on, muted, locked }: Microphone): boolean =>
	on && !muted && !locked;

/** Says that the session is recorded, or will be, and until when that is kept. */
export function recordingNotice(room: RoomState): NewNotice {
	const keptUntilUs = room.session.recording_kept_until_us;
	const when = room.recording === "off" ? "auto" : "on";
	return keptUntilUs === null
		? notice("info", `recording_${when}_kept`)
		: notice("info", `recording_${when}_until`, {
				date: formatDate(keptUntilUs),
			});
}

/** Says that a turn is nearly over: one's own, or somebody's whom one may give a minute more. */
export const nearlyOverNotice = (
	room: RoomState,
	{ participant }: Floor,
	mine: boolean,
): NewNotice =>
	notice(
		mine ? "warn" : "info",
		mine ? "turn_nearly_over" : "turn_nearly_over_of",
		{ name: nameOf(room, participant), seconds: TURN_NEARLY_OVER_S },
		{ urgent: mine },
	);

/** Says that somebody was removed, with the way back. */
export function removedNotice(
	room: RoomState,
	participant: ParticipantId,
): NewNotice {
	return {
		...notice("info", "removed", { name: nameOf(room, participant) }),
		action: { type: "readmit", participant },
	};
}

/** Says why the recording is not stopped by a tap. */
export const holdRecordingNotice = (): NewNotice =>
	notice("info", "recording_hold");

/** Says that what was pressed into a dead network was not done, and is not done later. */
export const notSentNotice = (): NewNotice => ({
	...notice("warn", "not_sent", {}, { urgent: true }),
	topic: "not_sent",
});

/** Says that what happens is saved again. */
export const journalBackNotice = (): NewNotice => notice("ok", "journal_back");

/** Says why the server did not do something. */
export function refusalNotice(refusal: Refusal): NewNotice {
	return notice("warn", `refusal_${refusal.code}`, {
		detail: refusal.detail ?? "",
	});
}

/** Says to somebody who came to chair that another does so already. */
export function chairTakenNotice(name: string): NewNotice {
	return notice("info", "chair_taken", { name }, { stays: true });
}

/** Says to the secretary why the session cannot be ended yet. */
export const endRefusedNotice = (): NewNotice =>
	notice("warn", "end_is_the_chairs");

/** Says to chair and secretary that an encoder's picture is gone, and what is wrong, for the technician. */
export function encoderLostNotice(
	room: RoomState,
	participant: ParticipantId,
	reason: DisconnectReason,
	detail?: string | null,
): NewNotice {
	const why = () => {
		switch (reason) {
			case "never_reached":
				return "encoder_unreached";
			case "handshake_timeout":
			case "refused_by_client":
			case "certificate_missing":
			case "certificate_refused":
			case "fingerprint_mismatch":
			case "nothing_in_common":
			case "handshake_failed":
				return "encoder_handshake";
			case "lost":
			case "closed":
			case "engine_failed":
			case "unknown":
				return "encoder_lost";
			default:
				return reason satisfies never;
		}
	};
	return notice(
		"bad",
		why(),
		{
			name: nameOf(room, participant),
			detail: detail ? `${reason}: ${detail}` : reason,
		},
		{ stays: true },
	);
}

/** Says that the browser opens no window. */
export const windowRefusedNotice = (): NewNotice =>
	notice("warn", "window_refused");

/** Says that a break is over. */
export function backNotice(breakMs: number): NewNotice {
	const seconds = Math.max(1, Math.round(breakMs / 1000));
	return notice("ok", "back", { seconds });
}

/** Says what is wrong with a device. */
export function faultNotice(fault: DeviceFault): NewNotice {
	const { device, cause } = fault;
	return {
		...notice("bad", `fault_${device}_${cause}`, {}, { stays: true }),
		topic: `device_${device}`,
		device,
		fault,
		...((device === "camera" || device === "microphone") && {
			action: { type: "retry", device },
		}),
	};
}

/** Says what became of one of one's own devices. */
export function deviceNotice(news: DeviceNews): NewNotice {
	if (news.type === "failed") return faultNotice(news.fault);
	const { device } = news;
	const about = { device, topic: `device_${device}` } as const;
	const choose = { action: { type: "devices" } } as const;
	const urgent = { urgent: true };
	switch (news.type) {
		case "lost": {
			const { name } = news;
			const stays = { urgent: true, stays: true };
			return {
				...notice("warn", "device_lost", { name }, stays),
				...about,
				...choose,
			};
		}
		case "replaced": {
			const { name, by } = news;
			const said =
				name === ""
					? notice("info", "device_now", { by })
					: notice("warn", "device_replaced", { name, by }, urgent);
			return { ...said, ...about, ...choose };
		}
		case "back":
			return { ...notice("ok", "device_back", { name: news.name }), ...about };
		case "interrupted": {
			const stays = { urgent: true, stays: true };
			return { ...notice("warn", "device_interrupted", {}, stays), ...about };
		}
		case "resumed":
			return { ...notice("ok", "device_resumed"), ...about };
		default:
			return news satisfies never;
	}
}

/** Says to somebody who speaks into a closed microphone that nobody hears it, and what to do. */
export function closedNotice(locked: boolean): NewNotice {
	return {
		...notice(
			"warn",
			locked ? "hearing_locked" : "hearing_closed",
			{},
			{ urgent: true },
		),
		topic: "hearing",
	};
}

/** The catalogue key, under `bye.`, of the reason why a stay ended; what to do then stands under the same key and `_do`. */
export function byeKey(reason: ByeReason) {
	if (reason.type !== "refused") return reason.type;
	switch (reason.refusal.code) {
		case "session_full":
			return "refused_session_full";
		case "session_over":
			return "refused_session_over";
		case "already_here":
			return "refused_already_here";
		case "not_allowed":
			return "refused_not_allowed";
		default:
			return "refused";
	}
}
