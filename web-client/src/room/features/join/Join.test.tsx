import { act, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Session } from "@/protocol/generated/Session";
import { OwnDevices } from "@/room/media/ownDevices";
import { openApp, teacher } from "@/test/app";
import { at, session } from "@/test/session";

vi.unmock("@/room/features/join");

// Camera and microphone are the lobby's own tests; here it counts who gets there, and when.
const lobby = vi.hoisted(() => ({ opened: 0 }));
vi.mock("@/room/features/lobby/Lobby", async () => {
	const { useEffect } = await import("react");
	return {
		Lobby: ({
			waits,
			onReady,
		}: {
			waits: boolean;
			onReady: (ready: object) => void;
		}) => {
			useEffect(() => {
				lobby.opened += 1;
			}, []);
			return (
				<button
					type="button"
					onClick={() =>
						onReady({ choice: {}, camera: null, microphone: null })
					}
				>
					{waits ? "Kiểm tra, chờ mở" : "Kiểm tra, vào ngay"}
				</button>
			);
		},
	};
});
const room = vi.hoisted(() => ({ asks: (): boolean => true }));
vi.mock("./room", () => ({
	RoomScreen: () => "Trong phòng",
	RoomSession: class {
		start() {}
		dispose() {}
		asksBeforeLeaving() {
			return room.asks();
		}
	},
	RoomProvider: ({ children }: { children: React.ReactNode }) => children,
}));

const opensAt = at("2026-11-17T07:00");

async function atTheDoor(part: Partial<Session> = {}) {
	return openApp("/s/HOP-261117/room", {
		"GET me": teacher,
		"GET sessions/HOP-261117": session({ opens_at_us: opensAt, ...part }),
	});
}

describe("the door of a room", () => {
	beforeEach(() => {
		lobby.opened = 0;
		vi.useFakeTimers({ shouldAdvanceTime: true });
		// A minute and a half before it opens.
		vi.setSystemTime(opensAt / 1_000 - 90_000);
	});
	afterEach(() => void vi.useRealTimers());

	it("says before the opening when that is, counts down, starts no camera, and then goes on by itself", async () => {
		await atTheDoor();
		expect(await screen.findByText("Phòng mở lúc 07:00")).toBeVisible();
		expect(screen.getByTestId("countdown").textContent).toMatch(
			/^1:(30|29|28)$/,
		);
		expect(screen.getByTestId("recording-notice")).toBeVisible();
		expect(lobby.opened).toBe(0);
		await act(() => vi.advanceTimersByTimeAsync(95_000));
		await waitFor(() =>
			expect(screen.getByText("Kiểm tra, vào ngay")).toBeVisible(),
		);
	});

	it("lets camera and microphone be checked before, and then enters by itself", async () => {
		await atTheDoor();
		const press = async (name: string) =>
			act(async () => (await screen.findByRole("button", { name })).click());
		await press("Kiểm tra camera, micro trước");
		await press("Kiểm tra, chờ mở");
		expect(screen.getByText(/^Máy đã kiểm tra xong/)).toBeVisible();
		await act(() => vi.advanceTimersByTimeAsync(95_000));
		await waitFor(() => expect(screen.getByText("Trong phòng")).toBeVisible());
		expect(lobby.opened).toBe(1);
	});

	it("lets nobody out without asking, whichever way they go", async () => {
		const { goTo, address } = await atTheDoor({ opens_at_us: 0 });
		const press = async () =>
			act(async () =>
				(
					await screen.findByRole("button", { name: "Kiểm tra, vào ngay" })
				).click(),
			);
		await press();
		await waitFor(() => expect(screen.getByText("Trong phòng")).toBeVisible());
		const asks = vi.spyOn(room, "asks").mockReturnValue(true);
		await act(async () => goTo("/"));
		await waitFor(() => expect(asks).toHaveBeenCalledOnce());
		expect(address()).toBe("/s/HOP-261117/room");
		expect(screen.getByText("Trong phòng")).toBeVisible();

		asks.mockReturnValue(false);
		await act(async () => goTo("/"));
		await waitFor(() => expect(address()).toBe("/"));
	});

	it("shuts while one looks at the camera when the session ends, and the camera goes out", async () => {
		const close = vi.spyOn(OwnDevices.prototype, "close");
		let state: Session["state"] = "live";
		await openApp("/s/HOP-261117/room", {
			"GET me": teacher,
			"GET sessions/HOP-261117": () => session({ opens_at_us: 0, state }),
		});
		await screen.findByText("Kiểm tra, vào ngay");
		expect(close).not.toHaveBeenCalled();
		state = "ended";
		await act(() => vi.advanceTimersByTimeAsync(11_000));
		expect(
			await screen.findByText("Phiên này đã kết thúc, không vào được nữa."),
		).toBeVisible();
		expect(close).toHaveBeenCalled();
	});

	it.each([
		["ended", "Phiên này đã kết thúc, không vào được nữa."],
		["lapsed", "Phiên này không diễn ra."],
		["cancelled", "Phiên này đã hủy."],
	] as const)(
		"of a session that is %s starts no camera and says so",
		async (state, words) => {
			await atTheDoor({ state, over_at_us: at("2026-11-17T10:24") });
			expect(await screen.findByText(words)).toBeVisible();
			expect(lobby.opened).toBe(0);
		},
	);

	it("of a session that one has no part in starts no camera, waits for nothing and says so", async () => {
		for (const opens_at_us of [
			at("2026-11-17T07:00"),
			at("2027-11-17T07:00"),
		]) {
			const { unmount } = await atTheDoor({ my_role: null, opens_at_us });
			expect(await screen.findByText(/không có tên trong phiên/)).toBeVisible();
			expect(screen.queryByTestId("doorstep")).toBeNull();
			expect(lobby.opened).toBe(0);
			unmount();
		}
	});
});
