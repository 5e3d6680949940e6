import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Hearing } from "@/room/media/hearing";
import { SILENT_MS } from "@/room/media/hearing";
import { FakeTrack } from "@/test/machine";
import { loudness, stubBrowser } from "@/test/stay";
import { OwnHearing } from "./ownHearing";

/** Somebody with a microphone before them. */
function owner(around: { open: boolean; others: boolean } | null) {
	stubBrowser();
	const track = new FakeTrack(
		"audio",
		{ id: "mic", group: "mic", label: "mic" },
		"mic",
	);
	const copies: FakeTrack[] = [];
	const clone = track.clone.bind(track);
	track.clone = () => {
		const copy = clone();
		// A browser copies this too.
		copy.enabled = track.enabled;
		copies.push(copy);
		return copy;
	};
	const said: Hearing[] = [];
	const hint = vi.fn();
	const hearing = new OwnHearing({
		around: () => around,
		tell: (what) => said.push(what),
		hint,
	});
	const listen = () => hearing.listen(track as unknown as MediaStreamTrack);
	return { track, copies, said, hint, hearing, listen };
}

describe("what one's own microphone hears", () => {
	beforeEach(() => void vi.useFakeTimers());
	afterEach(() => {
		vi.useRealTimers();
		vi.unstubAllGlobals();
	});

	it("is heard on an enabled copy of a closed track, which is let go with the next", () => {
		const { track, copies, hearing, listen } = owner(null);
		track.enabled = false;
		listen();
		listen();
		hearing.stop();
		expect(track).toMatchObject({ enabled: false, readyState: "live" });
		expect(copies).toMatchObject([
			{ enabled: true, readyState: "ended" },
			{ enabled: true, readyState: "ended" },
		]);
	});

	it("hints every thirty seconds at somebody who goes on speaking into a closed one", () => {
		const { said, hint, listen } = owner({ open: false, others: false });
		listen();
		loudness.db = -20;
		vi.advanceTimersByTime(29_000);
		expect(said).toEqual(["closed"]);
		expect(hint).toHaveBeenCalledTimes(1);
		vi.advanceTimersByTime(5_000);
		expect(hint).toHaveBeenCalledTimes(2);
	});

	it("is told once while it stays the same, and is fine again with another microphone", () => {
		const { said, hearing, listen } = owner({ open: true, others: false });
		listen();
		vi.advanceTimersByTime(SILENT_MS + 20_000);
		expect(said).toEqual(["silent"]);
		hearing.listen(null);
		expect(said).toEqual(["silent", "fine"]);
	});

	it("is nothing while one may not be heard", () => {
		const { said, hint, listen } = owner(null);
		listen();
		loudness.db = -20;
		vi.advanceTimersByTime(60_000);
		expect(said).toEqual([]);
		expect(hint).not.toHaveBeenCalled();
	});
});
