import { Button } from "@mantine/core";
import {
	IconMicrophone,
	IconMicrophoneOff,
	IconRefresh,
	IconRoute,
	IconUser,
	IconVideo,
	IconVideoOff,
	IconVolume,
} from "@tabler/icons-react";
import type { TFunction } from "i18next";
import {
	type ComponentType,
	type ReactNode,
	useEffect,
	useRef,
	useState,
} from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { formatDay, formatInteger, formatTime, seatNumber } from "@/format";
import { LanguageSwitch } from "@/i18n/LanguageSwitch";
import { Mark } from "@/kit/Mark";
import { Meter } from "@/kit/Meter";
import { Status, type Tone, ToneIcon } from "@/kit/Status";
import type { ReceiveMode } from "@/protocol/generated/ReceiveMode";
import type { Session } from "@/protocol/generated/Session";
import { DevicePicker } from "@/room/features/devices";
import type { CaptureState } from "@/room/media/capture";
import type { DeviceFault } from "@/room/media/faults";
import { playTestSound } from "@/room/media/meter";
import type { OwnDevices } from "@/room/media/ownDevices";
import { useNoticeText } from "@/room/view/noticeText";
import { RecordingNotice } from "@/shared/session/RecordingNotice";
import { keptUntilUs } from "./Doorstep";
import classes from "./Lobby.module.css";
import { type ServerCheck, useServerCheck } from "./useServerCheck";
import { useSound } from "./useSound";

/** Slower than this is felt in a conversation, in milliseconds there and back. */
const SLOW_RTT_MS = 400;

/** How a person wants to come in. */
export interface Ready {
	microphoneOn: boolean;
	receive: ReceiveMode;
}

/** The device check: see oneself, hear oneself, one verdict with one remedy, then in. */
export function Lobby({
	session,
	devices,
	number,
	name,
	place,
	guest,
	waits,
	onReady,
	onLeave,
}: {
	session: Session;
	/** Opened here; whoever goes in takes them along. */
	devices: OwnDevices;
	/** The point's number; null for somebody without a point. */
	number: number | null;
	/** Whose name will stand on the plate, and at which point. */
	name: string;
	place: string | null;
	/** Whether one came by a link that names no point: the machine is nobody's in particular. */
	guest: boolean;
	/** Whether the room is not open yet, so that one goes in when it is. */
	waits: boolean;
	onReady: (ready: Ready) => void;
	onLeave: () => void;
}) {
	const { t, i18n } = useTranslation("room");
	const publishes = session.my_role !== "viewer";
	const text = useNoticeText();
	const { camera, microphone, choice, speaker } = useStore(devices.store);
	const server = useServerCheck();
	const sound = useSound(trackOf(microphone));
	useEffect(() => {
		const { cameraOn } = devices.state.choice;
		void devices.start({
			camera: publishes && cameraOn !== false,
			microphone: publishes,
		});
	}, [devices, publishes]);
	// Closed until its owner opens it; a guest's machine may be anybody's, and what another left open there is not theirs.
	const [microphoneOn, setMicrophoneOn] = useState(
		!guest && choice.microphoneOn === true,
	);
	const [receive, setReceive] = useState<ReceiveMode>("everything");
	const [heardTest, setHeardTest] = useState<"no" | "playing" | "yes" | "bad">(
		"no",
	);
	const cameraOn = choice.cameraOn !== false;
	const verdict = judge({
		publishes,
		server,
		camera: faultOf(camera),
		microphone: faultOf(microphone),
		opening:
			publishes && (isOpening(camera, cameraOn) || isOpening(microphone)),
		silent: microphoneOn && sound.silent,
	});

	const testSound = async () => {
		setHeardTest("playing");
		try {
			await playTestSound(speaker.device?.id ?? null, choice.volume);
			setHeardTest("yes");
		} catch {
			setHeardTest("bad");
		}
	};

	return (
		<div className={classes.page} data-mantine-color-scheme="light">
			<header className={classes.top}>
				<Mark width={36} />
				<b>{t("product")}</b>
				<div className={classes.topEnd}>
					<span className={classes.language}>
						<LanguageSwitch ground="dark" />
					</span>
					<button type="button" className={classes.out} onClick={onLeave}>
						{t("lobby.leave")}
					</button>
				</div>
			</header>
			<main className={classes.lobby} data-testid="lobby">
				<section>
					<h1>{session.title}</h1>
					<p className={classes.when}>
						{t("lobby.when", {
							day: formatDay(session.starts_at_us, i18n.language),
							from: formatTime(session.starts_at_us),
							to: formatTime(session.ends_at_us),
						})}
					</p>
					<RecordingNotice
						automatic={session.auto_record}
						keptUntilUs={keptUntilUs(session)}
					/>
					{waits && (
						<p className={classes.when}>
							{t("session.opensAt", {
								ns: "pages",
								time: formatTime(session.opens_at_us),
							})}
						</p>
					)}
					<figure className={classes.self}>
						<div className={classes.picture}>
							{camera.name === "live" ? (
								<Preview track={camera.track} />
							) : (
								<p>
									<IconVideoOff size={40} stroke={1.5} aria-hidden="true" />
									{!publishes
										? t("lobby.viewer")
										: !cameraOn
											? t("lobby.cameraOff")
											: camera.name === "failed"
												? t("lobby.cameraBad")
												: t("lobby.cameraOpening")}
								</p>
							)}
						</div>
						<figcaption className={classes.plate}>
							<span className={classes.number}>
								{number === null ? (
									<IconUser size={24} stroke={1.9} aria-hidden="true" />
								) : (
									<b className="fig">{seatNumber(number)}</b>
								)}
							</span>
							<span className={classes.name}>
								<b>{name}</b>
								{place && <small>{place}</small>}
							</span>
							{publishes && (
								<span className={classes.meter}>
									<Meter level={sound.level} />
									<span>
										{!microphoneOn
											? t("lobby.micOff")
											: sound.level > 0.25
												? t("lobby.hearing")
												: t("lobby.speak")}
									</span>
								</span>
							)}
						</figcaption>
					</figure>
					{publishes && (
						<div className={classes.switches}>
							<span>{t("lobby.onEntry")}</span>
							<Switch
								on={cameraOn}
								icon={cameraOn ? IconVideo : IconVideoOff}
								testId="lobby-camera"
								onPress={() => {
									devices.remember({ cameraOn: !cameraOn });
									void devices.want("camera", !cameraOn);
								}}
							>
								{cameraOn ? t("lobby.withCamera") : t("lobby.withoutCamera")}
							</Switch>
							<Switch
								on={microphoneOn}
								icon={microphoneOn ? IconMicrophone : IconMicrophoneOff}
								testId="lobby-microphone"
								onPress={() => {
									setMicrophoneOn(!microphoneOn);
									if (!guest) devices.remember({ microphoneOn: !microphoneOn });
								}}
							>
								{microphoneOn ? t("lobby.withMic") : t("lobby.withoutMic")}
							</Switch>
						</div>
					)}
					<div className={classes.devices}>
						{publishes && (
							<>
								<DevicePicker devices={devices} kind="camera" />
								<DevicePicker devices={devices} kind="microphone" />
							</>
						)}
						<DevicePicker devices={devices} kind="speaker" />
					</div>
				</section>
				<section className={classes.side}>
					<div
						className={classes.verdict}
						data-tone={verdict.tone}
						data-testid="verdict"
						data-verdict={verdict.key}
						role="status"
					>
						<ToneIcon tone={verdict.tone} size={32} />
						<div>
							<b>{t(`verdict.${verdict.key}`)}</b>
							{verdict.fault ? (
								<p>{text.fault(verdict.fault, t("lobby.again"))}</p>
							) : (
								<p>{t(`verdict.${verdict.key}_do`)}</p>
							)}
						</div>
					</div>
					<ul className={classes.checks}>
						{publishes && (
							<>
								<Check
									icon={IconVideo}
									what={t("device.camera")}
									value={resolutionOf(trackOf(camera))}
									{...(cameraOn
										? said(camera, "ok", t)
										: { tone: "none", word: t("check.off") })}
								/>
								<Check
									icon={IconMicrophone}
									what={t("device.microphone")}
									value={
										microphone.name === "live"
											? sound.heard
												? t("lobby.hearing")
												: t("lobby.speak")
											: ""
									}
									{...said(
										microphone,
										sound.heard ? "ok" : sound.silent ? "look" : "listening",
										t,
									)}
								/>
							</>
						)}
						<Check
							icon={IconVolume}
							what={t("device.speaker")}
							value={
								<button
									type="button"
									className={classes.test}
									disabled={heardTest === "playing"}
									onClick={() => void testSound()}
								>
									{heardTest === "playing"
										? t("lobby.playing")
										: t("lobby.play")}
								</button>
							}
							tone={
								heardTest === "yes"
									? "ok"
									: heardTest === "bad"
										? "bad"
										: "none"
							}
							word={
								heardTest === "yes"
									? t("check.played")
									: heardTest === "bad"
										? t("check.bad")
										: t("check.notYet")
							}
						/>
						<Check
							icon={IconRoute}
							what={t("device.server")}
							value={
								server.state === "reached"
									? t("lobby.rtt", { ms: formatInteger(server.rttMs) })
									: ""
							}
							tone={
								server.state === "measuring"
									? "info"
									: server.state === "unreachable"
										? "bad"
										: server.rttMs > SLOW_RTT_MS
											? "warn"
											: "ok"
							}
							word={
								server.state === "measuring"
									? t("check.measuring")
									: server.state === "unreachable"
										? t("check.bad")
										: server.rttMs > SLOW_RTT_MS
											? t("check.slow")
											: t("check.ok")
							}
						/>
					</ul>
					<fieldset className={classes.modes}>
						<legend>{t("receive.label")}</legend>
						{(["everything", "low", "screen_only", "audio_only"] as const).map(
							(mode) => (
								<label key={mode}>
									<input
										type="radio"
										name="receive"
										checked={receive === mode}
										onChange={() => setReceive(mode)}
									/>
									{t(`receive.${mode}`)}
								</label>
							),
						)}
					</fieldset>
					<div className={classes.join}>
						<Button
							variant="filled"
							size="lg"
							data-testid="join"
							onClick={() => onReady({ microphoneOn, receive })}
						>
							{waits
								? t("door.whenOpen")
								: t(
										session.kind === "training" ||
											session.kind === "class_observation"
											? "lobby.joinClass"
											: "lobby.join",
									)}
						</Button>
						<Button
							size="lg"
							leftSection={
								<IconRefresh size={20} stroke={1.9} aria-hidden="true" />
							}
							onClick={() => {
								server.again();
								if (publishes) void devices.again();
							}}
						>
							{t("lobby.again")}
						</Button>
					</div>
				</section>
			</main>
		</div>
	);
}

/** What was found, before it is judged. */
export interface Findings {
	publishes: boolean;
	server: ServerCheck;
	camera: DeviceFault | null;
	microphone: DeviceFault | null;
	opening: boolean;
	silent: boolean;
}

/** One verdict, the worst first, with the fault that has the remedy. */
export function judge(found: Findings): {
	key:
		| "unreachable"
		| "noSound"
		| "noPicture"
		| "checking"
		| "silent"
		| "slow"
		| "ready";
	tone: Exclude<Tone, "none">;
	fault: DeviceFault | null;
} {
	if (found.server.state === "unreachable") {
		return { key: "unreachable", tone: "bad", fault: null };
	}
	if (found.microphone) {
		return { key: "noSound", tone: "warn", fault: found.microphone };
	}
	if (found.camera) {
		return { key: "noPicture", tone: "warn", fault: found.camera };
	}
	if (found.opening || found.server.state === "measuring") {
		return { key: "checking", tone: "info", fault: null };
	}
	if (found.publishes && found.silent) {
		return { key: "silent", tone: "warn", fault: null };
	}
	if (found.server.rttMs > SLOW_RTT_MS) {
		return { key: "slow", tone: "warn", fault: null };
	}
	return { key: "ready", tone: "ok", fault: null };
}

function Preview({ track }: { track: MediaStreamTrack }) {
	const video = useRef<HTMLVideoElement>(null);
	useEffect(() => {
		if (video.current) video.current.srcObject = new MediaStream([track]);
	}, [track]);
	return <video ref={video} autoPlay playsInline muted />;
}

function Switch({
	on,
	icon: Icon,
	testId,
	onPress,
	children,
}: {
	on: boolean;
	icon: ComponentType<{ size?: number; stroke?: number }>;
	testId: string;
	onPress: () => void;
	children: ReactNode;
}) {
	return (
		<button
			type="button"
			className={classes.switch}
			aria-pressed={on}
			data-testid={testId}
			onClick={onPress}
		>
			<Icon size={20} stroke={1.9} />
			{children}
		</button>
	);
}

function Check({
	icon: Icon,
	what,
	value,
	tone,
	word,
}: {
	icon: ComponentType<{ size?: number; stroke?: number }>;
	what: string;
	value: ReactNode;
	tone: Tone;
	word: string;
}) {
	return (
		<li className={classes.check}>
			<Icon size={20} stroke={1.9} />
			<b>{what}</b>
			<span className={classes.value}>{value}</span>
			<span className={classes.word} data-tone={tone}>
				<Status tone={tone}>{word}</Status>
			</span>
		</li>
	);
}

const trackOf = (state: CaptureState): MediaStreamTrack | null =>
	state.name === "live" ? state.track : null;

const faultOf = (state: CaptureState): DeviceFault | null =>
	state.name === "failed" ? state.fault : null;

const isOpening = ({ name }: CaptureState, wanted = true): boolean =>
	wanted && (name === "opening" || name === "off");

/** The verdict on one device; `live` is the word for one that was opened. */
function said(
	state: CaptureState,
	live: "ok" | "look" | "listening",
	t: TFunction<"room">,
): { tone: Tone; word: string } {
	switch (state.name) {
		case "off":
		case "opening":
			return { tone: "info", word: t("check.opening") };
		case "failed":
			return { tone: "bad", word: t("check.bad") };
		case "live":
			if (state.interrupted) return { tone: "warn", word: t("check.look") };
			return {
				tone: ({ ok: "ok", look: "warn", listening: "info" } as const)[live],
				word: t(`check.${live}`),
			};
		default:
			return state satisfies never;
	}
}

function resolutionOf(track: MediaStreamTrack | null): string {
	const settings = track?.getSettings();
	return settings?.width && settings.height
		? `${settings.width}×${settings.height}`
		: "";
}
