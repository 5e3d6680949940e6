import { Button } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { formatDay, formatTime } from "@/format";
import type { ReceiveMode } from "@/protocol/generated/ReceiveMode";
import type { Session } from "@/protocol/generated/Session";
import { DevicePicker } from "@/room/features/devices";
import type { OwnDevices } from "@/room/media/ownDevices";
import { trackOf } from "@/room/stay/ownMedia";
import { RecordingNotice } from "@/shared/session/RecordingNotice";
import { CameraCheck } from "./CameraCheck";
import { EntrySwitches } from "./EntrySwitches";
import { faultOf, isOpening, judge } from "./judge";
import { keptUntilUs } from "./keptUntil";
import { LineCheck } from "./LineCheck";
import classes from "./Lobby.module.css";
import { LobbyBar } from "./LobbyBar";
import { MicrophoneCheck } from "./MicrophoneCheck";
import { Plate } from "./Plate";
import { ReceiveModes } from "./ReceiveModes";
import { SelfPicture } from "./SelfPicture";
import { SpeakerCheck } from "./SpeakerCheck";
import { useServerCheck } from "./useServerCheck";
import { useSound } from "./useSound";
import { Verdict } from "./Verdict";
import { VoiceMeter } from "./VoiceMeter";

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
	const publishes = session.may.includes("publish_media");
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

	return (
		<div className={classes.page} data-mantine-color-scheme="light">
			<LobbyBar onLeave={onLeave} />
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
					<SelfPicture
						camera={camera}
						cameraOn={cameraOn}
						publishes={publishes}
					>
						<Plate number={number} name={name} place={place}>
							{publishes && (
								<VoiceMeter level={sound.level} microphoneOn={microphoneOn} />
							)}
						</Plate>
					</SelfPicture>
					{publishes && (
						<EntrySwitches
							cameraOn={cameraOn}
							microphoneOn={microphoneOn}
							onCamera={(on) => {
								devices.remember({ cameraOn: on });
								void devices.want("camera", on);
							}}
							onMicrophone={(on) => {
								setMicrophoneOn(on);
								if (!guest) devices.remember({ microphoneOn: on });
							}}
						/>
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
					<Verdict verdict={verdict} />
					<ul className={classes.checks}>
						{publishes && (
							<>
								<CameraCheck camera={camera} on={cameraOn} />
								<MicrophoneCheck microphone={microphone} sound={sound} />
							</>
						)}
						<SpeakerCheck
							speaker={speaker.device?.id ?? null}
							volume={choice.volume}
						/>
						<LineCheck server={server} />
					</ul>
					<ReceiveModes value={receive} onChange={setReceive} />
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
