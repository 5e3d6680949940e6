import { useEffect, useRef } from "react";
import { useOwnControls } from "@/room/features/controls";
import { useRoomState } from "@/room/view/useRoom";

/**
 * Tells the system that a session is on: phones then go on with the sound when their screen locks, and headsets, lock screens
 * and the browser's own floating picture have keys for microphone and camera.
 */
export function useMediaSession(onLeave: () => void): void {
	const { title } = useRoomState().session;
	const own = useOwnControls();
	const acts = useRef({ own, onLeave });
	acts.current = { own, onLeave };
	useEffect(() => {
		const { mediaSession } = navigator as Partial<
			Pick<Navigator, "mediaSession">
		>;
		if (!mediaSession) return;
		if (typeof MediaMetadata !== "undefined")
			mediaSession.metadata = new MediaMetadata({ title });
		mediaSession.playbackState = "playing";
		const handlers = {
			// A meeting cannot be paused: a press on a headset must not silence it for good.
			play: () => undefined,
			pause: () => {
				mediaSession.playbackState = "playing";
			},
			togglemicrophone: () => acts.current.own.microphone(),
			togglecamera: () => acts.current.own.camera(),
			hangup: () => acts.current.onLeave(),
		};
		const actions = Object.keys(handlers) as (keyof typeof handlers)[];
		const set = (
			action: keyof typeof handlers,
			handler: (() => void) | null,
		) => {
			try {
				mediaSession.setActionHandler(action as MediaSessionAction, handler);
			} catch {
				// Each browser knows some of them.
			}
		};
		for (const action of actions) set(action, handlers[action]);
		// WebKit: speaking and hearing at once, also beside other programs.
		const { audioSession } = navigator as { audioSession?: { type: string } };
		if (audioSession) audioSession.type = "play-and-record";
		return () => {
			for (const action of actions) set(action, null);
			mediaSession.playbackState = "none";
			mediaSession.metadata = null;
			if (audioSession) audioSession.type = "auto";
		};
	}, [title]);
	useEffect(() => {
		const { mediaSession } = navigator as {
			mediaSession?: Partial<{
				setMicrophoneActive(active: boolean): Promise<void>;
				setCameraActive(active: boolean): Promise<void>;
			}>;
		};
		void mediaSession?.setMicrophoneActive?.(own.open);
		void mediaSession?.setCameraActive?.(own.cameraOn);
	}, [own.open, own.cameraOn]);
}
