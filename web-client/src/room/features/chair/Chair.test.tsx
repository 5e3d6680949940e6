import { act, fireEvent, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { HOLD_MS } from "@/kit/Key";
import { hand, meeting, person, renderInRoom, turn } from "@/test/room";
import { Desk } from "../join/Desk";
import { EndKey, GrantKey, LockAllKey, RecordKey } from "./ChairKeys";

const waiting = meeting({
	hands: [hand("vinh"), hand("qp")],
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

	describe("while somebody speaks", () => {
		const speaking = (next: string | null = null) => ({
			...waiting,
			floor: "so",
			turn: turn(),
			next,
		});

		it("make the first of the queue next, and cut nobody however often M is pressed", async () => {
			const { ask, happens } = await renderInRoom(
				<Desk onLeave={() => undefined} />,
				"so",
				speaking(),
			);
			expect(screen.getByTestId("key-grant")).toHaveTextContent(
				"Kế tiếp: Quế Phong",
			);
			const press = () => fireEvent.keyDown(document.body, { code: "KeyM" });
			press();
			expect(ask).toHaveBeenCalledExactlyOnceWith({
				type: "grant_floor",
				participant: "qp",
			});
			happens({ type: "next_changed", participant: "qp" });
			press();
			press();
			expect(ask).toHaveBeenCalledTimes(1);
		});

		it("split in two once somebody is next: to call now, and to wait", async () => {
			const user = userEvent.setup();
			const { ask } = await renderInRoom(<GrantKey />, "so", speaking("qp"));
			expect(screen.getByTestId("key-grant-later")).toHaveTextContent(
				"Khi hết lượtKế tiếp: Quế Phong",
			);
			await user.click(screen.getByTestId("key-grant-now"));
			expect(ask).toHaveBeenLastCalledWith({
				type: "grant_floor",
				participant: "qp",
				interrupt: true,
			});
			await user.click(screen.getByTestId("key-grant-later"));
			expect(ask).toHaveBeenLastCalledWith({ type: "cancel_next" });
		});

		it("take a double click for one press: what it puts under the pointer is not pressed too", async () => {
			const { ask, happens } = await renderInRoom(
				<GrantKey />,
				"so",
				speaking(),
			);
			fireEvent.click(screen.getByTestId("key-grant"), { detail: 1 });
			happens({ type: "next_changed", participant: "qp" });
			for (const key of ["key-grant-now", "key-grant-later"])
				fireEvent.click(screen.getByTestId(key), { detail: 2 });
			expect(ask).toHaveBeenCalledExactlyOnceWith({
				type: "grant_floor",
				participant: "qp",
			});
		});

		it("T only goes to the key that ends the turn", async () => {
			const { ask } = await renderInRoom(
				<Desk onLeave={() => undefined} />,
				"so",
				{ ...speaking(), floor: "qp" },
			);
			fireEvent.keyDown(document.body, { code: "KeyT" });
			expect(screen.getByTestId("release-floor")).toHaveFocus();
			expect(ask).not.toHaveBeenCalled();
		});

		it("the menu of a seat says apart what waits and what cuts", async () => {
			const user = userEvent.setup();
			const { ask } = await renderInRoom(
				<Desk onLeave={() => undefined} />,
				"so",
				speaking(),
			);
			const [, , seat] = screen.getAllByTestId("seat");
			await user.click(seat as HTMLElement);
			await user.click(screen.getByTestId("command-grant"));
			expect(ask).toHaveBeenLastCalledWith({
				type: "grant_floor",
				participant: "qp",
			});
			await user.click(seat as HTMLElement);
			await user.click(screen.getByTestId("command-grant-now"));
			expect(ask).toHaveBeenLastCalledWith({
				type: "grant_floor",
				participant: "qp",
				interrupt: true,
			});
		});
	});

	it("recording begins with a press, and stops only when the key is held, saying why", async () => {
		const user = userEvent.setup();
		const off = await renderInRoom(<RecordKey />, "so");
		await user.click(screen.getByTestId("key-record"));
		expect(off.ask).toHaveBeenCalledWith({ type: "set_recording", on: true });
		off.unmount();
		const { ask, notify } = await renderInRoom(
			<RecordKey />,
			"so",
			meeting({ recording: "on" }),
		);
		const key = screen.getByTestId("key-record");
		expect(key).toHaveTextContent("Giữ 2 giây để dừng");
		vi.useFakeTimers();
		fireEvent.pointerDown(key);
		fireEvent.pointerUp(key);
		expect(ask).not.toHaveBeenCalled();
		expect(notify).toHaveBeenCalledWith(
			expect.objectContaining({ key: "recording_hold" }),
		);
		fireEvent.keyDown(key, { key: "Enter" });
		act(() => void vi.advanceTimersByTime(HOLD_MS));
		expect(ask).toHaveBeenCalledExactlyOnceWith({
			type: "set_recording",
			on: false,
		});
	});

	it("says that a session records by itself, before it has begun", async () => {
		await renderInRoom(
			<RecordKey />,
			"so",
			meeting({ session: { ...meeting().session, auto_record: true } }),
		);
		expect(screen.getByTestId("key-record")).toHaveTextContent("Tự ghi");
	});

	it("a double click locks once, and Enter that is held down presses once", async () => {
		const { ask } = await renderInRoom(<LockAllKey />, "so");
		const key = screen.getByTestId("key-lock-all");
		fireEvent.click(key, { detail: 1 });
		fireEvent.click(key, { detail: 2 });
		expect(ask).toHaveBeenCalledOnce();
		expect(fireEvent.keyDown(key, { key: "Enter" })).toBe(true);
		expect(fireEvent.keyDown(key, { key: "Enter", repeat: true })).toBe(false);
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
			const { ask, happens } = await renderInRoom(
				<EndKey />,
				"thu",
				held(false),
			);
			happens({ type: "chair_away_changed", away: true });
			vi.useFakeTimers();
			fireEvent.pointerDown(screen.getByTestId("key-end"));
			act(() => void vi.advanceTimersByTime(HOLD_MS));
			expect(ask).toHaveBeenCalledExactlyOnceWith({ type: "end_session" });
		});
	});
});
