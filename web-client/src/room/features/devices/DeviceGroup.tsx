import { IconMicrophone, IconVideo, IconVolume } from "@tabler/icons-react";
import { type ReactNode, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { Meter } from "@/kit/Meter";
import { type Device, findDevice, type ListedKind } from "@/room/media/devices";
import { playTestSound } from "@/room/media/meter";
import type { OwnDevices } from "@/room/media/ownDevices";
import { useNoticeText } from "@/room/view/noticeText";
import classes from "./Devices.module.css";
import { useLevelBeside, useLevelOf } from "./useLoudness";

/** The shape of each kind of device. */
export const DEVICE_ICONS = {
	camera: IconVideo,
	microphone: IconMicrophone,
	speaker: IconVolume,
} as const;

/**
 * The devices of one kind, one of which is in use: a level beside each microphone, a test sound beside each loudspeaker. What
 * is wrong stands above them with one remedy.
 */
export function DeviceGroup({
	devices,
	kind,
	note,
}: {
	devices: OwnDevices;
	kind: ListedKind;
	/** What else is to be known of them here. */
	note?: string;
}) {
	const { t } = useTranslation("room");
	const text = useNoticeText();
	const name = useId();
	const { lists, choice, ...own } = useStore(devices.store);
	const list = lists[kind];
	const state = kind === "speaker" ? null : own[kind];
	const word = t(`device.${kind}`);
	const lower = word.toLocaleLowerCase();
	const live = state?.name === "live" ? state : null;
	const used = kind === "speaker" ? own.speaker.device : (live?.device ?? null);
	const standsIn =
		kind === "speaker" ? own.speaker.standsIn : (live?.standsIn ?? false);
	const preferred = choice[kind];
	// What was pressed shows at once, and what is in use when that is another one.
	const shown = (!standsIn && findDevice(list, preferred)) || used;
	// A camera is always a certain one; the system's own microphone and loudspeaker may change by themselves.
	const bySystem = kind !== "camera" && list.length > 0;
	const group = kind === "camera" ? null : lists.standard[kind];
	const standard = list.find((device) => device.group === group);
	const system =
		bySystem &&
		(kind === "speaker" ? shown === null : preferred === null && !standsIn);

	return (
		<fieldset className={classes.group} data-testid={`devices-${kind}`}>
			<legend>{word}</legend>
			{state?.name === "failed" && (
				<div className={classes.fault} role="alert">
					<p>{text.fault(state.fault, t("device.again"))}</p>
					<button
						type="button"
						className={classes.small}
						onClick={() => kind !== "speaker" && void devices.retry(kind)}
					>
						{t("device.again")}
					</button>
				</div>
			)}
			{note && <p className={classes.hint}>{note}</p>}
			{standsIn && preferred?.label && (
				<p className={classes.hint}>
					{t("device.standsIn", { name: preferred.label })}
				</p>
			)}
			{list.length === 0 && state?.name !== "failed" && (
				<p className={classes.hint}>
					{kind === "speaker" && !("setSinkId" in HTMLMediaElement.prototype)
						? t("device.fixed")
						: t(lists.hidden.includes(kind) ? "device.hidden" : "device.none", {
								device: lower,
							})}
				</p>
			)}
			{bySystem && (
				<Row
					name={name}
					checked={system}
					onChoose={() => void devices.choose(kind, null)}
					label={t("device.default")}
					detail={standard?.label}
					end={
						kind === "speaker" ? (
							<TestSound devices={devices} speaker={null} />
						) : system ? (
							<UsedLevel track={live?.track ?? null} />
						) : null
					}
				/>
			)}
			{list.map((device, index) => {
				const checked = shown?.id === device.id && !system;
				const label =
					device.label ||
					t("device.numbered", { device: word, number: index + 1 });
				return (
					<Row
						key={device.id}
						name={name}
						checked={checked}
						onChoose={() => void devices.choose(kind, device)}
						label={label}
						id={device.id}
						end={
							kind === "speaker" ? (
								<TestSound devices={devices} speaker={device} />
							) : kind === "microphone" ? (
								checked ? (
									<UsedLevel track={live?.track ?? null} />
								) : (
									<LevelBeside device={device} />
								)
							) : null
						}
					/>
				);
			})}
		</fieldset>
	);
}

function Row({
	name,
	checked,
	onChoose,
	label,
	detail,
	id,
	end,
}: {
	name: string;
	checked: boolean;
	onChoose: () => void;
	label: string;
	detail?: string;
	id?: string;
	end: ReactNode;
}) {
	return (
		<div className={classes.row} data-checked={checked || undefined}>
			<label>
				<input
					type="radio"
					name={name}
					checked={checked}
					data-device={id ?? ""}
					onChange={onChoose}
				/>
				<span>
					{label}
					{detail && <small>{detail}</small>}
				</span>
			</label>
			{end}
		</div>
	);
}

function UsedLevel({ track }: { track: MediaStreamTrack | null }) {
	return <Level level={useLevelOf(track)} />;
}

function LevelBeside({ device }: { device: Device }) {
	const level = useLevelBeside(device);
	return level === null ? null : <Level level={level} />;
}

function Level({ level }: { level: number }) {
	return (
		<span className={classes.level} data-testid="level">
			<Meter level={level} bars={8} />
		</span>
	);
}

/** Plays two tones on a loudspeaker, whether or not it is the one in use. */
function TestSound({
	devices,
	speaker,
}: {
	devices: OwnDevices;
	speaker: Device | null;
}) {
	const { t } = useTranslation("room");
	const [state, setState] = useState<"rest" | "playing" | "bad">("rest");
	const play = async () => {
		setState("playing");
		try {
			await playTestSound(speaker?.id ?? null, devices.state.choice.volume);
			setState("rest");
		} catch {
			setState("bad");
		}
	};
	return (
		<button
			type="button"
			className={classes.small}
			data-state={state}
			disabled={state === "playing"}
			aria-label={t("device.testOf", {
				name: speaker?.label || t("device.default"),
			})}
			onClick={() => void play()}
		>
			{state === "playing"
				? t("device.testing")
				: state === "bad"
					? t("device.testBad")
					: t("device.test")}
		</button>
	);
}
