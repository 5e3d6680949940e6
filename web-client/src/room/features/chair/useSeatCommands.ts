import {
	IconBroadcast,
	IconBroadcastOff,
	IconClockOff,
	IconClockPause,
	IconGavel,
	IconHandOff,
	IconLock,
	IconLockOpen,
	IconMicrophone2,
	IconMicrophoneOff,
	IconPinned,
	IconPinnedOff,
	IconPresentation,
	IconPresentationOff,
	IconUserX,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { CommandItem } from "@/kit/CommandMenu";
import type { ParticipantId } from "@/protocol/generated/ParticipantId";
import {
	handPlace,
	isOpen,
	mayChair,
	mayGiveChair,
} from "@/room/state/selectors";
import { useRoom, useRoomSession } from "@/room/view/useRoom";
import { useCalling } from "./useCalling";

/**
 * Returns what the person at this screen may do about somebody: everybody may put a picture on their own stage; chair and
 * secretary have their commands. `onRemove` asks before somebody is removed, `onGiveChair` before the chair is handed on.
 */
export function useSeatCommands(
	onRemove: (id: ParticipantId) => void,
	onGiveChair: (id: ParticipantId) => void,
) {
	const { t } = useTranslation("room");
	const session = useRoomSession();
	const calling = useCalling();
	const { room, chair, gives, pinned, you } = useRoom((view) => ({
		room: view.room,
		chair: mayChair(view),
		gives: mayGiveChair(view),
		pinned: view.pinned,
		you: view.you,
	}));

	return (id: ParticipantId): CommandItem[] => {
		const person = room?.participants[id];
		if (!room || !person) return [];
		const ask = session.ask.bind(session);
		const items: CommandItem[] = [];
		if (id !== you) {
			const here = pinned?.participant === id;
			items.push({
				key: "pin",
				icon: here ? IconPinnedOff : IconPinned,
				word: here ? t("command.unpin") : t("command.pin"),
				act: () =>
					session.pin(here ? null : { participant: id, source: "camera" }),
			});
		}
		if (!chair) return items;
		const floor = room.floor?.participant === id;
		/** While somebody else speaks: next, or now, said apart, for the second cuts a turn. */
		const calls = (participant: ParticipantId): CommandItem[] => {
			if (room.floor === null) {
				const word = t("keys.grant");
				const act = () => calling.call(participant);
				return [{ key: "grant", icon: IconMicrophone2, word, act }];
			}
			return [
				calling.next === participant
					? {
							key: "cancel-next",
							icon: IconClockOff,
							word: t("command.cancelNext"),
							act: calling.cancelNext,
						}
					: {
							key: "grant",
							icon: IconClockPause,
							word: t("command.grantNext"),
							act: () => calling.call(participant),
						},
				{
					key: "grant-now",
					icon: IconMicrophone2,
					word: t("command.grantNow"),
					act: () => calling.callNow(participant),
				},
			];
		};
		const air = room.broadcast === id;
		items.push(
			...(floor
				? [
						{
							key: "release",
							icon: IconMicrophoneOff,
							word: t("floor.release"),
							act: () => void ask({ type: "release_floor" }),
						},
					]
				: calls(id)),
			{
				key: "broadcast",
				icon: air ? IconBroadcastOff : IconBroadcast,
				word: air ? t("command.airOff") : t("command.air"),
				act: () =>
					void ask({ type: "broadcast", participant: air ? null : id }),
			},
		);
		const publishes = person.role !== "viewer" && !person.encoder;
		if (publishes) {
			const kept = room.screenLockedTo === id;
			items.push({
				key: "lock-screen",
				icon: kept ? IconPresentationOff : IconPresentation,
				word: kept ? t("command.screenFree") : t("command.screenKeep"),
				act: () =>
					void ask({ type: "lock_screen", participant: kept ? null : id }),
			});
		}
		if (handPlace(room, id) !== null) {
			items.push({
				key: "lower",
				icon: IconHandOff,
				word: t("command.lower"),
				act: () => session.lowerHand(id),
			});
		}
		if (id === you) return items;
		if (isOpen(person)) {
			items.push({
				key: "mute",
				icon: IconMicrophoneOff,
				word: t("command.mute"),
				act: () => void ask({ type: "mute", participant: id }),
			});
		}
		const { locked } = person.microphone;
		if (gives && publishes && person.connection === "connected") {
			items.push({
				key: "give-chair",
				icon: IconGavel,
				word: t("command.giveChair"),
				act: () => onGiveChair(id),
			});
		}
		items.push(
			{
				key: "lock",
				icon: locked ? IconLockOpen : IconLock,
				word: locked ? t("command.unlock") : t("command.lock"),
				act: () =>
					void ask({ type: "set_lock", participant: id, locked: !locked }),
			},
			{
				key: "remove",
				icon: IconUserX,
				word: t("command.remove"),
				bad: true,
				act: () => onRemove(id),
			},
		);
		return items;
	};
}
