import {
	IconMaximize,
	IconPlayerPauseFilled,
	IconPlayerPlay,
	IconRewindBackward10,
	IconRewindForward10,
	IconVolume,
	IconVolumeOff,
} from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { formatClock, formatDecimal } from "@/format";
import { Banner } from "@/kit";
import { isTaken } from "@/kit/keyboard";
import classes from "./Player.module.css";

/** Keys that a page has uses of its own for. */
const pageKeys = ["Home", "End", "Space"];

const speeds = [0.75, 1, 1.25, 1.5, 2];

/** Plays one MP4 with seek, speed and keys. The browser's own element does the work; only the bar is ours. */
export function Player({
	src,
	title,
	durationSeconds,
}: {
	src: string;
	title: string;
	/** Known to the server; the file itself may know better once it has loaded. */
	durationSeconds: number;
}) {
	const { t } = useTranslation();
	const frame = useRef<HTMLDivElement>(null);
	const video = useRef<HTMLVideoElement>(null);
	const [playing, setPlaying] = useState(false);
	const [position, setPosition] = useState(0);
	const [duration, setDuration] = useState(durationSeconds);
	const [speed, setSpeed] = useState(1);
	const [muted, setMuted] = useState(false);
	const [failed, setFailed] = useState(false);
	/** Where to go on when the file is loaded once more, in seconds. */
	const goOnAt = useRef(0);

	useEffect(() => {
		if (video.current) video.current.playbackRate = speed;
	}, [speed]);

	const toggle = () => {
		const element = video.current;
		if (element === null) return;
		// A refusal (no file, no permission to play) shows through the element's own events.
		if (element.paused) element.play().catch(() => undefined);
		else element.pause();
	};
	const seek = (seconds: number) => {
		const element = video.current;
		if (element === null) return;
		const to = Math.min(Math.max(0, seconds), duration);
		element.currentTime = to;
		setPosition(to);
	};
	const faster = (steps: number) =>
		setSpeed(
			(old) =>
				speeds[
					Math.min(Math.max(0, speeds.indexOf(old) + steps), speeds.length - 1)
				] ?? 1,
		);
	const toggleFullscreen = () => {
		if (document.fullscreenElement) {
			void document.exitFullscreen();
			return;
		}
		const element = video.current as
			| (HTMLVideoElement & { webkitEnterFullscreen?: () => void })
			| null;
		// iPhones know full screen for the video alone.
		if (frame.current?.requestFullscreen) {
			frame.current.requestFullscreen().catch(() => undefined);
		} else element?.webkitEnterFullscreen?.();
	};

	const onKeyDown = (event: KeyboardEvent) => {
		if (isTaken(event)) return;
		const at = event.target instanceof Element ? event.target : null;
		if (at?.closest("select, textarea, input:not([type=range])")) return;
		// On the rest of the page, keys that move it or press what has the focus stay what they are everywhere.
		const inside = frame.current?.contains(at) ?? false;
		if (!inside && pageKeys.includes(event.code)) return;
		const here = video.current?.currentTime ?? 0;
		const actions: Record<string, () => void> = {
			KeyK: toggle,
			ArrowLeft: () => seek(here - 5),
			ArrowRight: () => seek(here + 5),
			KeyJ: () => seek(here - 10),
			KeyL: () => seek(here + 10),
			Home: () => seek(0),
			End: () => seek(duration),
			KeyM: () => setMuted((old) => !old),
			KeyF: toggleFullscreen,
			// Space presses whatever button has the focus; elsewhere it plays.
			...(!(event.target instanceof HTMLButtonElement) && { Space: toggle }),
			...(event.shiftKey && {
				Comma: () => faster(-1),
				Period: () => faster(1),
			}),
		};
		const action = actions[event.code];
		if (action === undefined) return;
		event.preventDefault();
		action();
	};
	const keys = useRef(onKeyDown);
	keys.current = onKeyDown;
	useEffect(() => {
		const press = (event: KeyboardEvent) => keys.current(event);
		addEventListener("keydown", press);
		return () => removeEventListener("keydown", press);
	}, []);

	return (
		<div ref={frame} className={classes.player}>
			<video
				ref={video}
				className={classes.video}
				src={src}
				preload="metadata"
				playsInline
				muted={muted}
				aria-label={title}
				onClick={toggle}
				onPlay={() => setPlaying(true)}
				onPause={() => setPlaying(false)}
				onTimeUpdate={(event) => setPosition(event.currentTarget.currentTime)}
				onLoadedMetadata={(event) => {
					const known = event.currentTarget.duration;
					if (Number.isFinite(known)) setDuration(known);
					event.currentTarget.playbackRate = speed;
					if (goOnAt.current > 0) {
						event.currentTarget.currentTime = goOnAt.current;
						goOnAt.current = 0;
					}
					setFailed(false);
				}}
				onError={() => setFailed(true)}
			>
				{/* Captions come with the recording's transcript; there is none in this file. */}
				<track kind="captions" />
			</video>
			{failed && (
				<div className={classes.failed}>
					<Banner
						tone="bad"
						action={
							<button
								type="button"
								className={classes.retry}
								onClick={() => {
									// A lesson goes on where the line broke off.
									goOnAt.current = position;
									video.current?.load();
								}}
							>
								{t("kit.retry")}
							</button>
						}
					>
						{t("replay.failed")}
					</Banner>
				</div>
			)}
			<input
				className={classes.seek}
				type="range"
				min={0}
				max={Math.max(1, Math.floor(duration))}
				step={1}
				value={Math.min(Math.floor(position), Math.floor(duration))}
				aria-label={t("replay.position")}
				aria-valuetext={t("replay.positionText", {
					position: formatClock(position),
					duration: formatClock(duration),
				})}
				onChange={(event) => seek(Number(event.currentTarget.value))}
			/>
			<div className={classes.controls}>
				<button type="button" className={classes.play} onClick={toggle}>
					{playing ? (
						<IconPlayerPauseFilled size={20} aria-hidden="true" />
					) : (
						<IconPlayerPlay size={20} stroke={1.9} aria-hidden="true" />
					)}
					{playing ? t("replay.pause") : t("replay.play")}
				</button>
				<button
					type="button"
					aria-label={t("replay.back", { seconds: 10 })}
					onClick={() => seek(position - 10)}
				>
					<IconRewindBackward10 size={24} stroke={1.9} aria-hidden="true" />
				</button>
				<button
					type="button"
					aria-label={t("replay.forward", { seconds: 10 })}
					onClick={() => seek(position + 10)}
				>
					<IconRewindForward10 size={24} stroke={1.9} aria-hidden="true" />
				</button>
				<span className={`fig ${classes.clock}`}>
					{formatClock(position)} <small>/ {formatClock(duration)}</small>
				</span>
				<label className={classes.speed}>
					{t("replay.speed")}
					<select
						className="fig"
						value={speed}
						onChange={(event) => setSpeed(Number(event.currentTarget.value))}
					>
						{speeds.map((value) => (
							<option key={value} value={value}>
								{value % 0.5 === 0
									? formatDecimal(value)
									: String(value).replace(".", ",")}
							</option>
						))}
					</select>
				</label>
				<button
					type="button"
					aria-pressed={muted}
					onClick={() => setMuted((old) => !old)}
				>
					{muted ? (
						<IconVolumeOff size={24} stroke={1.9} aria-hidden="true" />
					) : (
						<IconVolume size={24} stroke={1.9} aria-hidden="true" />
					)}
					<span className={classes.word}>{t("replay.mute")}</span>
				</button>
				<button
					type="button"
					aria-label={t("replay.fullscreen")}
					onClick={toggleFullscreen}
				>
					<IconMaximize size={24} stroke={1.9} aria-hidden="true" />
				</button>
			</div>
		</div>
	);
}
