import { act, fireEvent, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { SETTLED_MS } from "@/kit/useSettled";
import {
	granted,
	hand,
	meeting,
	person,
	released,
	renderInRoom,
	turn,
} from "@/test/room";
import { HandKey, MicrophoneKey } from "./OwnKeys";

const vinh = (change: Parameters<typeof person>[1]) =>
	meeting({ participants: [person("vinh", { seat: 2, ...change })] });

describe("one's own keys", () => {
	afterEach(() => void vi.useRealTimers());

	it("a closed microphone opens", async () => {
		const user = userEvent.setup();
		const { setMicrophone } = await renderInRoom(
			<MicrophoneKey />,
			"vinh",
			vinh({}),
		);
		await user.click(screen.getByTestId("key-microphone"));
		expect(setMicrophone).toHaveBeenCalledWith(true);
	});

	it("one that the chair muted opens too, and says who closed it", async () => {
		const user = userEvent.setup();
		const { setMicrophone } = await renderInRoom(
			<MicrophoneKey />,
			"vinh",
			vinh({
				microphone: { on: true, muted: true, locked: false, granted: false },
			}),
		);
		expect(screen.getByTestId("key-microphone")).toHaveTextContent(
			"Chủ trì đã tắt",
		);
		await user.click(screen.getByTestId("key-microphone"));
		expect(setMicrophone).toHaveBeenCalledWith(true);
	});

	it("one that the chair locked does not, and says so", async () => {
		const user = userEvent.setup();
		const { setMicrophone, notify } = await renderInRoom(
			<MicrophoneKey />,
			"vinh",
			vinh({
				microphone: { on: true, muted: false, locked: true, granted: false },
			}),
		);
		const key = screen.getByTestId("key-microphone");
		expect(key).toHaveTextContent("Chủ trì đang khóa");
		expect(key).toHaveAttribute("aria-disabled", "true");
		await user.click(key);
		expect(setMicrophone).not.toHaveBeenCalled();
		expect(notify).toHaveBeenCalledWith(
			expect.objectContaining({ key: "refusal_microphone_locked" }),
		);
	});

	it("a viewer's microphone waits until the floor is given", async () => {
		const viewer = await renderInRoom(
			<MicrophoneKey />,
			"vinh",
			vinh({ role: "viewer" }),
		);
		expect(screen.getByTestId("key-microphone")).toHaveTextContent(
			"Khi được mời",
		);
		viewer.unmount();
		await renderInRoom(<MicrophoneKey />, "vinh", {
			...vinh({ role: "viewer" }),
			floor: "vinh",
			turn: turn(),
		});
		expect(screen.getByTestId("key-microphone")).toHaveTextContent("Đang tắt");
	});

	it("the hand goes up, shows its place, and comes down", async () => {
		const user = userEvent.setup();
		const up = await renderInRoom(<HandKey />, "vinh", vinh({}));
		await user.click(screen.getByTestId("key-hand"));
		expect(up.ask).toHaveBeenCalledWith({ type: "raise_hand" });
		up.unmount();
		const { session } = await renderInRoom(<HandKey />, "vinh", {
			...vinh({}),
			hands: [hand("so"), hand("vinh")],
		});
		expect(screen.getByTestId("key-hand")).toHaveTextContent("Thứ 2");
		await user.click(screen.getByTestId("key-hand"));
		expect(session.lowerHand).toHaveBeenCalledWith("vinh");
	});

	it("a press that was meant to take the wish back does not end the turn that has just begun, nor decline it", async () => {
		vi.useFakeTimers();
		const { ask, happens, session } = await renderInRoom(
			<HandKey />,
			"vinh",
			vinh({}),
		);
		const press = () => fireEvent.click(screen.getByTestId("key-hand"));
		happens(
			granted("vinh", "so", { opens_at_us: Date.now() * 1000 + 2_900_000 }),
		);
		press();
		expect(ask).not.toHaveBeenCalled();
		const settle = () => act(() => void vi.advanceTimersByTime(SETTLED_MS));
		settle();
		press();
		expect(ask).toHaveBeenCalledExactlyOnceWith({ type: "release_floor" });
		ask.mockClear();
		happens(released("vinh", { declined: true }));
		happens({ type: "hand_raised", participant: "vinh" });
		press();
		expect(session.lowerHand).not.toHaveBeenCalled();
		settle();
		press();
		expect(session.lowerHand).toHaveBeenCalledOnce();
	});

	it("with the floor the key of the hand ends the turn, in these words", async () => {
		const user = userEvent.setup();
		const { ask } = await renderInRoom(<HandKey />, "vinh", {
			...vinh({}),
			floor: "vinh",
			turn: turn(),
		});
		expect(screen.getByTestId("key-hand")).toHaveTextContent(
			"Kết thúc phát biểu",
		);
		await user.click(screen.getByTestId("key-hand"));
		expect(ask).toHaveBeenCalledWith({ type: "release_floor" });
	});

	it("a lock does not keep closed whoever has the floor", async () => {
		const user = userEvent.setup();
		const { setMicrophone } = await renderInRoom(<MicrophoneKey />, "vinh", {
			...vinh({
				microphone: { on: false, muted: false, locked: true, granted: false },
			}),
			floor: "vinh",
			turn: turn(),
		});
		await user.click(screen.getByTestId("key-microphone"));
		expect(setMicrophone).toHaveBeenCalledWith(true);
	});

	it("while a turn is announced the keys say when the microphone opens, and how to say not yet", async () => {
		const user = userEvent.setup();
		const { ask } = await renderInRoom(
			<>
				<HandKey letter="1" />
				<MicrophoneKey />
			</>,
			"vinh",
			{
				...vinh({}),
				floor: "vinh",
				turn: turn({ opens_at_us: Date.now() * 1000 + 2_900_000 }),
			},
		);
		expect(screen.getByTestId("key-microphone")).toHaveTextContent(
			"Mở sau 3 giây",
		);
		expect(screen.getByTestId("key-hand")).toHaveTextContent("Chưa");
		await user.click(screen.getByTestId("key-hand"));
		expect(ask).toHaveBeenCalledWith({ type: "release_floor" });
	});
});
