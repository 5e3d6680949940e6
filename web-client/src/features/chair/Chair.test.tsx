import { act, fireEvent, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { reduce } from "@/room/state";
import { meeting, person, renderInRoom } from "@/test/room";
import { HOLD_MS } from "@/ui/Key";
import { EndKey, GrantKey, LockAllKey } from "./ChairKeys";

const waiting = meeting({
	hands: ["vinh", "qp"],
	participants: [
		person("so", { seat: 1, role: "chair" }),
		person("vinh", { name: "Vinh", seat: 2, connection: "reconnecting" }),
		person("qp", { name: "Quế Phong", seat: 3 }),
	],
});

describe("the chair's keys", () => {
	afterEach(() => void vi.useRealTimers());

	it("the next to be called is the first who is connected, and the key says so", async () => {
		const user = userEvent.setup();
		const { ask } = await renderInRoom(<GrantKey />, "so", waiting);
		const key = screen.getByTestId("key-grant");
		expect(key).toHaveTextContent("Tiếp: Quế Phong");
		await user.click(key);
		expect(ask).toHaveBeenCalledWith({
			type: "grant_floor",
			participant: "qp",
		});
	});

	it("a key without an object does nothing", async () => {
		const user = userEvent.setup();
		const { ask } = await renderInRoom(<GrantKey />, "so");
		await user.click(screen.getByTestId("key-grant"));
		expect(ask).not.toHaveBeenCalled();
	});

	it("locking says how many are locked", async () => {
		const user = userEvent.setup();
		const { ask } = await renderInRoom(
			<LockAllKey />,
			"so",
			meeting({
				all_locked: true,
				participants: [
					person("vinh", {
						microphone: {
							on: true,
							muted: false,
							locked: true,
							granted: false,
						},
					}),
				],
			}),
		);
		const key = screen.getByTestId("key-lock-all");
		expect(key).toHaveTextContent("Đang khóa 1 điểm");
		await user.click(key);
		expect(ask).toHaveBeenCalledWith({ type: "set_lock_all", locked: false });
	});

	it("the session ends only when the key is held for two seconds", async () => {
		const { ask } = await renderInRoom(<EndKey />, "so");
		vi.useFakeTimers();
		const key = screen.getByTestId("key-end");
		fireEvent.pointerDown(key);
		act(() => void vi.advanceTimersByTime(HOLD_MS - 100));
		fireEvent.pointerUp(key);
		act(() => void vi.advanceTimersByTime(HOLD_MS));
		expect(ask).not.toHaveBeenCalled();
		fireEvent.pointerDown(key);
		act(() => void vi.advanceTimersByTime(HOLD_MS));
		expect(ask).toHaveBeenCalledExactlyOnceWith({ type: "end_session" });
	});

	describe("of a secretary", () => {
		const held = (chairAway: boolean) =>
			meeting({
				chair_away: chairAway,
				participants: [
					person("so", { seat: 1, role: "chair" }),
					person("thu", { name: "Thư ký", role: "secretary" }),
				],
			});

		it("end nothing while the chair is here, and say so when pressed", async () => {
			const { ask, notify } = await renderInRoom(
				<EndKey />,
				"thu",
				held(false),
			);
			const key = screen.getByTestId("key-end");
			expect(key).toHaveAttribute("aria-disabled", "true");
			expect(key).toHaveTextContent("Chủ trì kết thúc");
			fireEvent.click(key);
			expect(notify).toHaveBeenCalledWith(
				expect.objectContaining({ key: "end_is_the_chairs" }),
			);
			expect(ask).not.toHaveBeenCalled();
		});

		it("end the session while the chair is away, as soon as the room says so", async () => {
			const { ask, store } = await renderInRoom(<EndKey />, "thu", held(false));
			const { room } = store.getState();
			if (!room) throw new Error("there is a room");
			act(() =>
				store.setState({
					room: reduce(room, {
						seq: 1,
						at_us: 1,
						event: { type: "chair_away_changed", away: true },
					}),
				}),
			);
			vi.useFakeTimers();
			fireEvent.pointerDown(screen.getByTestId("key-end"));
			act(() => void vi.advanceTimersByTime(HOLD_MS));
			expect(ask).toHaveBeenCalledExactlyOnceWith({ type: "end_session" });
		});
	});
});
