import { afterEach, describe, expect, it, vi } from "vitest";
import { Voices } from "@/room/view/SlotVideo";
import { meeting, person, renderInRoom } from "@/test/room";
import { useMediaSession } from "./useMediaSession";

function InRoom({ onLeave }: { onLeave: () => void }) {
	useMediaSession(onLeave);
	return null;
}

describe("the system", () => {
	afterEach(() => {
		vi.unstubAllGlobals();
		vi.useRealTimers();
	});

	it("is told that a session is on, and its keys move microphone and camera and leave", async () => {
		const handlers = new Map<string, (() => void) | null>();
		const mediaSession = {
			playbackState: "none",
			metadata: null,
			setActionHandler: (action: string, handler: (() => void) | null) => {
				// Older browsers know fewer.
				if (action === "togglecamera") throw new TypeError("unknown");
				handlers.set(action, handler);
			},
			setMicrophoneActive: vi.fn(async () => undefined),
		};
		vi.stubGlobal("navigator", { ...navigator, mediaSession });
		const leave = vi.fn();
		const { setMicrophone, unmount } = await renderInRoom(
			<InRoom onLeave={leave} />,
			"vinh",
			meeting({ participants: [person("vinh", { seat: 2 })] }),
		);
		expect(mediaSession.playbackState).toBe("playing");
		handlers.get("togglemicrophone")?.();
		expect(setMicrophone).toHaveBeenCalledWith(true);
		expect(mediaSession.setMicrophoneActive).toHaveBeenCalledWith(false);
		mediaSession.playbackState = "paused";
		handlers.get("pause")?.();
		expect(mediaSession.playbackState).toBe("playing");
		handlers.get("hangup")?.();
		expect(leave).toHaveBeenCalledOnce();
		unmount();
		expect(mediaSession.playbackState).toBe("none");
		expect(handlers.get("togglemicrophone")).toBeNull();
	});

	it("that pauses a voice for a telephone call gets it started again as soon as it allows that", async () => {
		vi.useFakeTimers();
		let call = false;
		let plays = 0;
		vi.spyOn(HTMLMediaElement.prototype, "play").mockImplementation(
			async () => {
				if (call) throw new DOMException("interrupted", "NotAllowedError");
				plays += 1;
			},
		);
		vi.spyOn(HTMLMediaElement.prototype, "paused", "get").mockReturnValue(true);
		const { session, store } = await renderInRoom(
			<Voices />,
			"vinh",
			undefined,
			{
				mediaUp: false,
			},
		);
		session.audioMids = () => ["4"];
		session.stream = () => new MediaStream();
		store.setState({ mediaUp: true });
		await vi.advanceTimersByTimeAsync(0);
		const audio = document.querySelector("audio");
		expect(plays).toBe(1);
		call = true;
		audio?.dispatchEvent(new Event("pause"));
		await vi.advanceTimersByTimeAsync(60_000);
		expect(plays).toBe(1);
		call = false;
		await vi.advanceTimersByTimeAsync(1_000);
		expect(plays).toBe(2);
	});
});
