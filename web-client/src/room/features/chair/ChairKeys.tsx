import {
	IconClockPause,
	IconDoorExit,
	IconLock,
	IconLockOpen,
	IconMicrophone2,
	IconPlayerRecord,
	IconPlayerRecordFilled,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { unbroken } from "@/format";
import { HoldKey, Key } from "@/kit/Key";
import { endRefusedNotice, holdRecordingNotice } from "@/room/state/notices";
import { mayEnd, whoIs } from "@/room/state/selectors";
import { useRoom, useRoomSession, useRoomState } from "@/room/view/useRoom";
import classes from "./ChairKeys.module.css";
import { useCalling } from "./useCalling";

/**
 * Calls the first of the queue. While somebody speaks it makes that one next, and no key but "Mời ngay" cuts the turn: with
 * somebody next it is two keys, to cut now or to wait.
 */
export function GrantKey({ narrow }: { narrow?: boolean }) {
	const { t } = useTranslation("room");
	const room = useRoomState();
	const calling = useCalling();
	const { next } = calling;
	if (next !== null) {
		const name = unbroken(whoIs(room, next).name);
		return (
			<fieldset
				className={classes.split}
				aria-label={t("keys.grant")}
				data-testid="key-grant-next"
			>
				<Key
					icon={IconMicrophone2}
					word={t("keys.grantNow")}
					detail={t("keys.grantNowDetail")}
					narrow={narrow}
					once
					testId="key-grant-now"
					onPress={() => calling.callNow(next)}
				/>
				<Key
					icon={IconClockPause}
					word={t("keys.grantLater")}
					detail={t("keys.grantQueue", { name })}
					narrow={narrow}
					look="on"
					pressed
					once
					testId="key-grant-later"
					onPress={calling.cancelNext}
				/>
			</fieldset>
		);
	}
	const name = calling.first && unbroken(whoIs(room, calling.first).name);
	return (
		<Key
			icon={IconMicrophone2}
			word={t("keys.grant")}
			detail={
				name === null
					? t("keys.grantNobody")
					: room.floor
						? t("keys.grantQueue", { name })
						: t("keys.grantNext", { name })
			}
			letter="M"
			narrow={narrow}
			look={name === null ? "no" : "go"}
			once
			testId="key-grant"
			onPress={calling.callFirst}
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
			once
			testId="key-lock-all"
			onPress={() =>
				void session.ask({ type: "set_lock_all", locked: !allLocked })
			}
		/>
	);
}

/** Begins the recording; ends it when it has been held for two seconds, for what is not recorded is lost. */
export function RecordKey({ narrow }: { narrow?: boolean }) {
	const { t } = useTranslation("room");
	const session = useRoomSession();
	const { recording, session: about } = useRoomState();
	const ask = (on: boolean) => void session.ask({ type: "set_recording", on });
	if (recording === "off") {
		return (
			<Key
				icon={IconPlayerRecord}
				word={t("keys.record")}
				detail={
					about.auto_record ? t("keys.record_auto") : t("keys.record_off")
				}
				narrow={narrow}
				pressed={false}
				testId="key-record"
				onPress={() => ask(true)}
			/>
		);
	}
	return (
		<HoldKey
			icon={IconPlayerRecordFilled}
			word={t("keys.record")}
			detail={t(`keys.record_${recording}`)}
			holding={t("keys.holding")}
			narrow={narrow}
			look="on"
			testId="key-record"
			onHeld={() => ask(false)}
			onShort={() => session.notify(holdRecordingNotice())}
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
			holding={t("keys.holding")}
			narrow={narrow}
			testId="key-end"
			onHeld={() => void session.ask({ type: "end_session" })}
		/>
	);
}
