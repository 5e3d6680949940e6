import { afterEach, describe, expect, it, vi } from "vitest";
import { OwnScreen } from "./ownScreen";

/** Somebody who picks a screen at once, in a room that takes it or not. */
function owner(taken = true) {
	let ends = (): void => undefined;
	const track = {
		stop: vi.fn(),
		addEventListener: (_: string, ended: () => void) => {
			ends = ended;
		},
	};
	const getDisplayMedia = async () => ({ getVideoTracks: () => [track] });
	vi.stubGlobal("navigator", { mediaDevices: { getDisplayMedia } });
	const told: boolean[] = [];
	const shown: boolean[] = [];
	const sent: (MediaStreamTrack | null)[] = [];
	const screen = new OwnScreen({
		send: async (it) => void sent.push(it),
		tell: async (on) => {
			told.push(on);
			return taken;
		},
		show: (sharing) => shown.push(sharing),
		failed: () => undefined,
	});
	return { screen, track, told, shown, sent, end: () => ends() };
}

describe("one's own screen", () => {
	afterEach(() => vi.unstubAllGlobals());

	it("is sent before the room is told, and told again to a room that knows nothing of it", async () => {
		const { screen, track, told, shown, sent } = owner();
		screen.arrived();
		await screen.want(true);
		expect(sent).toEqual([track]);
		screen.arrived();
		expect(told).toEqual([true, true]);
		expect(shown.at(-1)).toBe(true);
	});

	it("is let go when the room does not take it", async () => {
		const { screen, track, shown, sent } = owner(false);
		await screen.want(true);
		expect(track.stop).toHaveBeenCalledOnce();
		expect(sent).toEqual([track, null]);
		expect(shown.at(-1)).toBe(false);
		expect(screen.track).toBeNull();
	});

	it("ends in the room when the browser's own key ends it", async () => {
		const { screen, told, end } = owner();
		await screen.want(true);
		end();
		await vi.waitFor(() => expect(told).toEqual([true, false]));
		expect(screen.track).toBeNull();
	});
});
