import { fireEvent, screen } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { openApp, Refused, teacher } from "@/test/app";
import { recording } from "@/test/session";

/** Opens a recording that can be played, with a video element of known length. */
async function openPlayer() {
	const app = await openApp("/recordings/r1", {
		"GET me": teacher,
		"GET recordings/r1": recording(),
	});
	const video = (await screen.findByLabelText(
		"Họp giao ban tháng 11",
	)) as HTMLVideoElement;
	Object.defineProperty(video, "duration", { value: 7_080 });
	fireEvent.loadedMetadata(video);
	return { ...app, video };
}

describe("a replay", () => {
	it("plays the file of the recording", async () => {
		const { user, video } = await openPlayer();
		expect(video).toHaveAttribute("src", "/api/v1/recordings/r1/media");
		const play = vi.spyOn(video, "play").mockResolvedValue();
		await user.click(screen.getByRole("button", { name: "Phát" }));
		expect(play).toHaveBeenCalledOnce();
		fireEvent.play(video);
		expect(screen.getByRole("button", { name: "Dừng" })).toBeVisible();
	});

	it("seeks by slider and by keys, and never beyond its ends", async () => {
		const { video } = await openPlayer();
		const slider = screen.getByRole("slider", { name: "Vị trí xem" });
		fireEvent.change(slider, { target: { value: "2480" } });
		expect(video.currentTime).toBe(2_480);
		expect(slider).toHaveAttribute("aria-valuetext", "41:20 trên 1:58:00");
		fireEvent.keyDown(slider, { code: "KeyL" });
		expect(video.currentTime).toBe(2_490);
		fireEvent.keyDown(slider, { code: "ArrowLeft" });
		expect(video.currentTime).toBe(2_485);
		fireEvent.keyDown(slider, { code: "Home" });
		fireEvent.keyDown(slider, { code: "KeyJ" });
		expect(video.currentTime).toBe(0);
		fireEvent.keyDown(slider, { code: "End" });
		fireEvent.keyDown(slider, { code: "KeyL" });
		expect(video.currentTime).toBe(7_080);
	});

	it("hears its keys wherever the focus is, but those that move a page or press a key there", async () => {
		const { video } = await openPlayer();
		const play = vi.spyOn(video, "play").mockResolvedValue();
		fireEvent.keyDown(document.body, { code: "KeyK" });
		expect(play).toHaveBeenCalledOnce();
		fireEvent.keyDown(document.body, { code: "KeyL" });
		expect(video.currentTime).toBe(10);
		fireEvent.keyDown(document.body, { code: "End" });
		fireEvent.keyDown(document.body, { code: "Space" });
		expect(video.currentTime).toBe(10);
		expect(play).toHaveBeenCalledOnce();
	});

	it("goes on where the line broke off when it is tried again", async () => {
		const { user, video } = await openPlayer();
		vi.spyOn(video, "load").mockImplementation(() => {
			video.currentTime = 0;
		});
		fireEvent.change(screen.getByRole("slider"), { target: { value: "2820" } });
		fireEvent.error(video);
		await user.click(screen.getByRole("button", { name: "Thử lại" }));
		fireEvent.loadedMetadata(video);
		expect(video.currentTime).toBe(2_820);
		expect(screen.queryByRole("alert")).toBeNull();
	});

	it("changes its speed", async () => {
		const { user, video } = await openPlayer();
		await user.selectOptions(screen.getByLabelText("Tốc độ"), "1,5");
		expect(video.playbackRate).toBe(1.5);
		fireEvent.keyDown(screen.getByRole("slider"), {
			code: "Comma",
			shiftKey: true,
		});
		expect(video.playbackRate).toBe(1.25);
	});

	it("says what to do when the file does not play", async () => {
		const { video } = await openPlayer();
		fireEvent.error(video);
		expect(screen.getByRole("alert")).toHaveTextContent("Chưa phát được.");
		expect(screen.getByRole("button", { name: "Thử lại" })).toBeVisible();
	});

	it("counts up while its file is made, and then plays by itself asking", async () => {
		let asked = 0;
		await openApp("/recordings/r2", {
			"GET me": teacher,
			"GET recordings/r2": () => {
				asked += 1;
				return asked === 1
					? recording({
							id: "r2",
							state: "composing",
							progress_percent: 37,
							media_url: null,
						})
					: recording({ id: "r2" });
			},
		});
		expect(await screen.findByText("Đang dựng bản xem lại, 37%")).toBeVisible();
		expect(
			await screen.findByRole("button", { name: "Phát" }, { timeout: 60_000 }),
		).toBeVisible();
	}, 90_000);

	it("says why it failed, and can be asked for again", async () => {
		const { user, bodies } = await openApp("/recordings/r3", {
			"GET me": teacher,
			"GET recordings/r3": recording({
				id: "r3",
				state: "failed",
				failure: "ffmpeg_missing",
				media_url: null,
			}),
			"POST recordings/r3/compose": new Refused(403, "not_allowed"),
		});
		expect(
			await screen.findByText(/^Máy chủ không chạy được ffmpeg/),
		).toBeVisible();
		expect(screen.getByText("Mã cho kỹ thuật: ffmpeg_missing")).toBeVisible();
		await user.click(screen.getByRole("button", { name: "Dựng lại" }));
		expect(bodies("POST recordings/r3/compose")).toHaveLength(1);
		expect(await screen.findByRole("alert")).toHaveTextContent(
			"Tài khoản này không có quyền làm việc đó.",
		);
	});

	it("offers no other try for a recording of nothing", async () => {
		await openApp("/recordings/r4", {
			"GET me": teacher,
			"GET recordings/r4": recording({
				id: "r4",
				state: "failed",
				failure: "no_media",
				media_url: null,
			}),
		});
		expect(
			await screen.findByText(/^Bản ghi không có tiếng và hình/),
		).toBeVisible();
		expect(screen.queryByRole("button", { name: "Dựng lại" })).toBeNull();
	});

	it("says that a full disk is tried again by itself", async () => {
		await openApp("/recordings/r5", {
			"GET me": teacher,
			"GET recordings/r5": recording({
				id: "r5",
				state: "archived",
				failure: "disk_full",
				media_url: null,
			}),
		});
		expect(await screen.findByText(/^Đĩa máy chủ đã đầy/)).toBeVisible();
		expect(screen.getByText("Máy chủ sẽ tự thử lại.")).toBeVisible();
	});
});
