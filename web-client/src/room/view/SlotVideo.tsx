import { type RefObject, useEffect, useRef, useState } from "react";
import { useStore } from "zustand";
import { picturesStand } from "../state/selectors";
import { fitOf } from "./fit";
import { useRoom, useRoomSession } from "./useRoom";

/**
 * The picture of a receive line. The element is muted: voices have their own lines. When the link falls silent, or the line
 * changes, the last picture stays until the next one is there.
 */
export function SlotVideo({ mid, fit }: { mid: string; fit?: "contain" }) {
	const session = useRoomSession();
	const { epoch, mediaUp, stands } = useRoom((view) => ({
		epoch: view.mediaEpoch,
		mediaUp: view.mediaUp,
		stands: picturesStand(view),
	}));
	const video = useRef<HTMLVideoElement>(null);
	const last = useRef<HTMLCanvasElement>(null);
	// biome-ignore lint/correctness/useExhaustiveDependencies: a new peer connection has new streams under the same mids, and may be told of a line before the browser has named its own.
	useEffect(() => {
		if (!video.current || !last.current) return;
		const stream = session.stream(mid);
		if (stream !== null && video.current.srcObject !== stream) {
			keepPicture(video.current, last.current);
			show(video.current, stream);
		}
		return untilNextPicture(video.current, last.current);
	}, [session, mid, epoch, mediaUp]);
	useEffect(() => {
		if (!video.current || !last.current) return;
		if (stands) keepPicture(video.current, last.current);
		return untilNextPicture(video.current, last.current);
	}, [stands]);
	const style = { objectFit: useFit(video, fit) };
	return (
		<>
			<video
				ref={video}
				autoPlay
				playsInline
				muted
				disablePictureInPicture={fit === undefined}
				data-slot={mid}
				style={style}
			/>
			<canvas ref={last} hidden style={style} />
		</>
	);
}

/** One's own camera, mirrored as people know themselves, or one's own shared screen. */
export function OwnVideo({
	source,
	fit,
}: {
	source: "camera" | "screen";
	fit?: "contain";
}) {
	const session = useRoomSession();
	const camera = useStore(session.devices.store, (state) => state.camera);
	const sharing = useRoom((view) => view.own.sharing);
	const video = useRef<HTMLVideoElement>(null);
	// biome-ignore lint/correctness/useExhaustiveDependencies: another camera is another stream.
	useEffect(() => {
		show(video.current, session.ownStream(source));
	}, [session, source, camera, sharing]);
	const objectFit = useFit(video, fit);
	return (
		<video
			ref={video}
			autoPlay
			playsInline
			muted
			disablePictureInPicture
			data-own={source}
			style={{
				objectFit,
				...(source === "camera" && { transform: "scaleX(-1)" }),
			}}
		/>
	);
}

/** The voices of the room: one `<audio>` per line, as loud as chosen, on the chosen loudspeaker. Shows nothing. */
export function Voices() {
	const session = useRoomSession();
	const { epoch, volume, speaker, mediaUp } = useRoom((view) => ({
		epoch: view.mediaEpoch,
		volume: view.own.volume,
		speaker: view.own.speaker,
		mediaUp: view.mediaUp,
	}));
	const box = useRef<HTMLDivElement>(null);
	// biome-ignore lint/correctness/useExhaustiveDependencies: the lines exist once media are up, anew with each connection.
	useEffect(() => {
		const elements = session.audioMids().map((mid) => {
			const audio = document.createElement("audio");
			audio.autoplay = true;
			audio.dataset.slot = mid;
			audio.srcObject = session.stream(mid);
			box.current?.append(audio);
			return { audio, end: keepPlaying(audio) };
		});
		return () => {
			for (const { audio, end } of elements) {
				end();
				audio.srcObject = null;
				audio.remove();
			}
		};
	}, [session, epoch, mediaUp]);
	// biome-ignore lint/correctness/useExhaustiveDependencies: elements made since take the volume too.
	useEffect(() => {
		for (const audio of box.current?.querySelectorAll("audio") ?? []) {
			audio.volume = volume;
		}
	}, [volume, epoch, mediaUp]);
	// biome-ignore lint/correctness/useExhaustiveDependencies: elements made since go to the same loudspeaker.
	useEffect(() => {
		for (const audio of box.current?.querySelectorAll("audio") ?? []) {
			if (!("setSinkId" in audio) || audio.sinkId === (speaker ?? "")) continue;
			void audio.setSinkId(speaker ?? "").catch(() => {
				if (speaker) session.devices.speakerFailed();
			});
		}
	}, [session, speaker, epoch, mediaUp]);
	return <div ref={box} hidden />;
}

/** How soon a voice that could not be played is tried again, in milliseconds: a telephone call may take minutes. */
const PLAY_AGAIN_MS = 1_000;

/**
 * Keeps a voice playing whatever pauses it: a loudspeaker that is pulled out, a telephone call, a screen that locks. Returns a
 * function that ends that.
 */
function keepPlaying(audio: HTMLAudioElement): () => void {
	let timer: ReturnType<typeof setTimeout> | undefined;
	let over = false;
	const play = () => {
		clearTimeout(timer);
		if (over || !audio.paused) return;
		audio.play().catch(() => {
			if (!over) timer = setTimeout(play, PLAY_AGAIN_MS);
		});
	};
	const seen = () => document.visibilityState === "visible" && play();
	audio.addEventListener("pause", play);
	document.addEventListener("visibilitychange", seen);
	play();
	return () => {
		over = true;
		clearTimeout(timer);
		audio.removeEventListener("pause", play);
		document.removeEventListener("visibilitychange", seen);
	};
}

/** Whether a picture fills its box or is shown whole: `wanted`, or what cuts no faces. */
function useFit(
	video: RefObject<HTMLVideoElement | null>,
	wanted: "contain" | undefined,
): "cover" | "contain" {
	const [fit, setFit] = useState<"cover" | "contain">(wanted ?? "cover");
	useEffect(() => {
		const element = video.current;
		if (!element || wanted) return;
		const judge = () => {
			const { videoWidth: width, videoHeight: height } = element;
			const box = { width: element.clientWidth, height: element.clientHeight };
			const dense = element.closest("[data-dense]") !== null;
			setFit(fitOf({ width, height }, box, dense));
		};
		judge();
		element.addEventListener("resize", judge);
		const observer =
			typeof ResizeObserver === "undefined" ? null : new ResizeObserver(judge);
		observer?.observe(element);
		return () => {
			element.removeEventListener("resize", judge);
			observer?.disconnect();
		};
	}, [video, wanted]);
	return wanted ?? fit;
}

/** Draws what a video shows at the moment over it: some browsers show nothing of a stream that has ended. */
function keepPicture(video: HTMLVideoElement, last: HTMLCanvasElement) {
	const { videoWidth, videoHeight } = video;
	if (videoWidth === 0) return;
	last.width = videoWidth;
	last.height = videoHeight;
	last.getContext("2d")?.drawImage(video, 0, 0, videoWidth, videoHeight);
	last.hidden = false;
}

/** Takes the kept picture away with the first new one. */
function untilNextPicture(video: HTMLVideoElement, last: HTMLCanvasElement) {
	const done = () => {
		last.hidden = true;
	};
	// Firefox before 132 has no word for a frame; there the next step of time is one.
	if ("requestVideoFrameCallback" in video) {
		const asked = video.requestVideoFrameCallback(done);
		return () => video.cancelVideoFrameCallback(asked);
	}
	const element: HTMLVideoElement = video;
	element.addEventListener("timeupdate", done, { once: true });
	return () => element.removeEventListener("timeupdate", done);
}

function show(video: HTMLVideoElement | null, stream: MediaStream | null) {
	if (!video || video.srcObject === stream) return;
	video.srcObject = stream;
	// Autoplay is refused only before the first touch; joining was one.
	if (stream) void video.play?.()?.catch(() => undefined);
}
