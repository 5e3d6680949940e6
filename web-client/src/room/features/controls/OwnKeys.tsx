import {
	IconAlertTriangle,
	IconClockPause,
	IconDoorExit,
	IconHandStop,
	IconLock,
	IconMicrophone,
	IconMicrophoneOff,
	IconMinus,
	IconPlus,
	IconPresentation,
	IconVideo,
	IconVideoOff,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Key } from "@/kit/Key";
import { useSecondsUntil } from "@/room/view/useRoom";
import { useOwnControls } from "./useOwnControls";
import classes from "./Volume.module.css";

interface KeyLook {
	narrow?: boolean;
	letter?: string;
}

/** One's own microphone: open, closed, muted by the chair, locked by the chair, about to open for a turn. */
export function MicrophoneKey(look: KeyLook) {
	const { t } = useTranslation("room");
	const own = useOwnControls();
	const seconds = useSecondsUntil(own.opensAtUs);
	const [icon, detail] = !own.mayPublish
		? [IconLock, t("keys.viewerOnly")]
		: own.locked
			? [IconLock, t("keys.micLocked")]
			: own.microphoneTrouble
				? [IconAlertTriangle, t(`keys.trouble_${own.microphoneTrouble}`)]
				: seconds !== null
					? [IconMicrophoneOff, t("keys.micOpens", { seconds })]
					: own.open
						? [IconMicrophone, t("keys.micOpen")]
						: own.muted && own.wanted
							? [IconMicrophoneOff, t("keys.micMuted")]
							: [IconMicrophoneOff, t("keys.micClosed")];
	return (
		<Key
			{...look}
			icon={icon}
			word={t(look.narrow ? "keys.microphoneShort" : "keys.microphone")}
			detail={detail}
			look={own.locked || !own.mayPublish ? "no" : own.open ? "on" : "rest"}
			pressed={own.open}
			testId="key-microphone"
			onPress={own.microphone}
			onRefused={own.locked ? own.sayLocked : undefined}
		/>
	);
}

/** One's own camera. */
export function CameraKey(look: KeyLook) {
	const { t } = useTranslation("room");
	const own = useOwnControls();
	return (
		<Key
			{...look}
			icon={
				own.mayPublish && own.cameraTrouble
					? IconAlertTriangle
					: own.cameraOn
						? IconVideo
						: IconVideoOff
			}
			word={t("keys.camera")}
			detail={
				!own.mayPublish
					? t("keys.viewerOnly")
					: own.cameraTrouble
						? t(`keys.trouble_${own.cameraTrouble}`)
						: own.openingCamera
							? t("keys.cameraOpening")
							: own.cameraOn
								? t("keys.on")
								: t("keys.off")
			}
			look={!own.mayPublish ? "no" : own.cameraOn ? "on" : "rest"}
			pressed={own.cameraOn}
			testId="key-camera"
			onPress={own.camera}
		/>
	);
}

/** Sharing one's screen. */
export function ScreenKey(look: KeyLook) {
	const { t } = useTranslation("room");
	const own = useOwnControls();
	return (
		<Key
			{...look}
			icon={IconPresentation}
			word={t("keys.screen")}
			detail={
				!own.mayPublish
					? t("keys.viewerOnly")
					: own.sharing
						? t("keys.screenStop")
						: !own.mayShare
							? t(
									own.screenIsForOne
										? "keys.screenKeptForOne"
										: "keys.screenKept",
								)
							: own.otherSharing
								? t("keys.screenOther")
								: t("keys.screenStart")
			}
			look={own.sharing ? "on" : own.mayShare ? "rest" : "no"}
			pressed={own.sharing}
			testId="key-screen"
			onPress={own.screen}
			onRefused={own.mayPublish ? own.sayKept : undefined}
		/>
	);
}

/**
 * Asking for the floor; with the floor, ending one's turn; while a turn is announced, saying "not yet". The second line says
 * what the next press does.
 */
export function HandKey(look: KeyLook & { short?: boolean }) {
	const { t } = useTranslation("room");
	const own = useOwnControls();
	const { short, ...rest } = look;
	if (own.opensAtUs !== null) {
		return (
			<Key
				{...rest}
				letter={rest.letter && "0"}
				icon={IconClockPause}
				word={t("keys.notYet")}
				detail={t("keys.notYetDetail")}
				look="on"
				settles={!own.handIsSettled}
				testId="key-hand"
				onPress={own.decline}
			/>
		);
	}
	if (own.floor) {
		return (
			<Key
				{...rest}
				icon={IconMicrophoneOff}
				word={short ? t("keys.handEndShort") : t("keys.handEnd")}
				detail={t("keys.handEndDetail")}
				look="go"
				settles={!own.handIsSettled}
				testId="key-hand"
				onPress={own.toggleHand}
			/>
		);
	}
	const place = own.hand;
	const raised = place !== null;
	return (
		<Key
			{...rest}
			icon={IconHandStop}
			word={
				short
					? raised
						? t("keys.handDown")
						: t("keys.handUp")
					: t("keys.hand")
			}
			detail={
				own.next
					? t("keys.handNext")
					: raised
						? t("keys.handRaised", { place })
						: t("keys.handRest")
			}
			look={raised || own.next ? "on" : "rest"}
			pressed={raised}
			settles={!own.handIsSettled}
			testId="key-hand"
			onPress={own.toggleHand}
		/>
	);
}

/** Going out. */
export function LeaveKey({
	onPress,
	narrow,
}: {
	onPress: () => void;
	narrow?: boolean;
}) {
	const { t } = useTranslation("room");
	return (
		<Key
			icon={IconDoorExit}
			word={t("keys.leave")}
			detail={t("keys.leaveDetail")}
			look="end"
			narrow={narrow}
			testId="key-leave"
			onPress={onPress}
		/>
	);
}

/** How loud the hall hears the others. */
export function VolumeKey() {
	const { t } = useTranslation("room");
	const own = useOwnControls();
	return (
		<fieldset className={classes.group} aria-label={t("keys.volume")}>
			<div className={classes.volume}>
				<button
					type="button"
					aria-label={t("keys.softer")}
					onClick={own.softer}
				>
					<IconMinus size={28} stroke={1.9} aria-hidden="true" />
				</button>
				<output>
					{t("keys.volume")}
					<b className="fig">{Math.round(own.volume * 100)}</b>
				</output>
				<button
					type="button"
					aria-label={t("keys.louder")}
					onClick={own.louder}
				>
					<IconPlus size={28} stroke={1.9} aria-hidden="true" />
				</button>
			</div>
		</fieldset>
	);
}
