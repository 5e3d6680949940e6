import {
	IconDoorExit,
	IconLock,
	IconLockOpen,
	IconMicrophone2,
	IconPlayerRecord,
	IconPlayerRecordFilled,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { unbroken } from "@/format";
import { endRefusedNotice } from "@/room/notices";
import { mayEnd } from "@/room/selectors";
import { useRoom, useRoomSession, useRoomState } from "@/room/useRoom";
import { HoldKey, Key } from "@/ui/Key";

/** Gives the floor to the next in the queue. */
export function GrantKey({ narrow }: { narrow?: boolean }) {
	const { t } = useTranslation("room");
	const session = useRoomSession();
	const { hands, participants } = useRoomState();
	const next = hands.find(
		(hand) => participants[hand.participant]?.connection === "connected",
	);
	const person = next && participants[next.participant];
	return (
		<Key
			icon={IconMicrophone2}
			word={t("keys.grant")}
			detail={
				person
					? t("keys.grantNext", { name: unbroken(person.name) })
					: t("keys.grantNobody")
			}
			letter="M"
			narrow={narrow}
			look={person ? "go" : "no"}
			testId="key-grant"
			onPress={() => {
				if (person) {
					void session.ask({ type: "grant_floor", participant: person.id });
				}
			}}
		/>
	);
}

/** Locks every microphone but those of chair, secretary and floor holder, or unlocks them. */
export function LockAllKey({ narrow }: { narrow?: boolean }) {
	const { t } = useTranslation("room");
	const session = useRoomSession();
	const { allLocked, participants } = useRoomState();
	const locked = Object.values(participants).filter(
		(person) => person.microphone.locked,
	).length;
	return (
		<Key
			icon={allLocked ? IconLock : IconLockOpen}
			word={t("keys.lockAll")}
			detail={
				allLocked
					? t("keys.lockAllOn", { count: locked })
					: locked > 0
						? t("keys.lockSome", { count: locked })
						: t("keys.lockAllOff")
			}
			letter="K"
			narrow={narrow}
			look={allLocked ? "on" : "rest"}
			pressed={allLocked}
			testId="key-lock-all"
			onPress={() =>
				void session.ask({ type: "set_lock_all", locked: !allLocked })
			}
		/>
	);
}

/** Begins and ends the recording. */
export function RecordKey({ narrow }: { narrow?: boolean }) {
	const { t } = useTranslation("room");
	const session = useRoomSession();
	const { recording } = useRoomState();
	const running = recording !== "off";
	return (
		<Key
			icon={running ? IconPlayerRecordFilled : IconPlayerRecord}
			word={t("keys.record")}
			detail={t(`keys.record_${recording}`)}
			narrow={narrow}
			look={running ? "on" : "rest"}
			pressed={running}
			testId="key-record"
			onPress={() => void session.ask({ type: "set_recording", on: !running })}
		/>
	);
}

/**
 * Ends the session for all, when it has been held for two seconds. The secretary's works while the chair is away; it
 * keeps its place all the same, and says whose it is.
 */
export function EndKey({ narrow }: { narrow?: boolean }) {
	const { t } = useTranslation("room");
	const session = useRoomSession();
	const allowed = useRoom(mayEnd);
	if (!allowed) {
		return (
			<Key
				icon={IconDoorExit}
				word={t("keys.end")}
				detail={t("keys.endChair")}
				narrow={narrow}
				look="no"
				testId="key-end"
				onPress={() => undefined}
				onRefused={() => session.notify(endRefusedNotice())}
			/>
		);
	}
	return (
		<HoldKey
			icon={IconDoorExit}
			word={t("keys.end")}
			detail={t("keys.endHold")}
			holding={t("keys.endHolding")}
			narrow={narrow}
			testId="key-end"
			onHeld={() => void session.ask({ type: "end_session" })}
		/>
	);
}
