import { fireEvent, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { meeting, person, renderInRoom } from "@/test/room";
import { useDeskShortcuts } from "./useDeskShortcuts";
import { useShortcuts } from "./useShortcuts";

/** Points of these numbers, and nobody else. */
const pointsOf = (...numbers: number[]) =>
	meeting({
		seats: numbers.map((number) => ({
			number,
			bridge_point: `b${number}`,
			code: `DC-${number}`,
			name: `Điểm ${number}`,
			main: number === 1,
		})),
		participants: [person("so", { seat: numbers[0] ?? 1, role: "chair" })],
	});

async function desk(room: ReturnType<typeof meeting>) {
	const selected = vi.fn();
	function Desk() {
		const nothing = () => undefined;
		const { act } = useDeskShortcuts({
			chair: true,
			selected: null,
			onSelect: selected,
			onMore: nothing,
			onKeys: nothing,
			onChat: nothing,
		});
		useShortcuts(act, true);
		return null;
	}
	await renderInRoom(<Desk />, "so", room);
	return {
		type(figures: string, key = "Digit") {
			for (const figure of figures) {
				fireEvent.keyDown(document.body, { code: `${key}${figure}` });
			}
		},
		/** The numbers of the places that were selected, in order. */
		numbers: () =>
			selected.mock.calls.map(([key]) => Number(/\d+$/.exec(key)?.[0])),
	};
}

describe("the figures of the keyboard", () => {
	beforeEach(() => void vi.useFakeTimers());
	afterEach(() => void vi.useRealTimers());

	it("name a place by its two-figure number, also from the number pad", async () => {
		const { type, numbers } = await desk(pointsOf(1, 7, 22));
		type("07");
		type("22", "Numpad");
		expect(numbers()).toEqual([7, 22]);
	});

	it("go on to the third where numbers are that long", async () => {
		const { type, numbers } = await desk(pointsOf(1, 12, 118, 120));
		type("118");
		expect(numbers()).toEqual([118]);
		type("120");
		expect(numbers().at(-1)).toBe(120);
		type("012");
		expect(numbers().at(-1)).toBe(12);
	});

	it("begin anew after a pause, whatever is done to the clock meanwhile", async () => {
		const { type, numbers } = await desk(pointsOf(1, 7, 72));
		type("7");
		vi.setSystemTime(Date.now() - 86_400_000);
		vi.advanceTimersByTime(1_300);
		type("2");
		expect(numbers()).toEqual([]);
		vi.advanceTimersByTime(1_300);
		type("7");
		vi.setSystemTime(Date.now() + 86_400_000);
		type("2");
		expect(numbers()).toEqual([72]);
	});
});

describe("the space bar", () => {
	/** Somebody without the chair's keys beside a list that scrolls; what is pressed there. */
	async function talker(change: Parameters<typeof person>[1] = {}) {
		function Desk() {
			const nothing = () => undefined;
			const { act } = useDeskShortcuts({
				chair: false,
				selected: null,
				onSelect: nothing,
				onMore: nothing,
				onKeys: nothing,
				onChat: nothing,
			});
			useShortcuts(act, true);
			return (
				// biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region, as the chat is.
				<div role="log" tabIndex={0} data-testid="lines" />
			);
		}
		const room = await renderInRoom(
			<Desk />,
			"vinh",
			meeting({ participants: [person("vinh", { seat: 2, ...change })] }),
		);
		const down = (at: Element = document.body) =>
			fireEvent.keyDown(at, { code: "Space" });
		const up = () => fireEvent.keyUp(document.body, { code: "Space" });
		return { ...room, down, up };
	}
	const microphone = { on: false, muted: false, locked: false, granted: false };

	it("opens the microphone while it is held, and closes what it opened", async () => {
		const { down, up, setMicrophone } = await talker();
		down();
		expect(setMicrophone).toHaveBeenLastCalledWith(true);
		up();
		expect(setMicrophone).toHaveBeenLastCalledWith(false);
	});

	it("leaves open what was open before", async () => {
		const { down, up, setMicrophone } = await talker({
			microphone: { ...microphone, on: true },
		});
		down();
		up();
		expect(setMicrophone).not.toHaveBeenCalled();
	});

	it("asks nothing for who may not speak, and says so where the chair has locked", async () => {
		const viewer = await talker({ role: "viewer" });
		viewer.down();
		viewer.up();
		expect(viewer.setMicrophone).not.toHaveBeenCalled();
		viewer.unmount();
		const locked = await talker({
			microphone: { ...microphone, locked: true },
		});
		locked.down();
		locked.up();
		expect(locked.setMicrophone).not.toHaveBeenCalled();
		expect(locked.notify).toHaveBeenCalledWith(
			expect.objectContaining({ key: "refusal_microphone_locked" }),
		);
	});

	it("turns the page in a list that has the focus, and opens nothing", async () => {
		const { down, setMicrophone } = await talker();
		down(screen.getByTestId("lines"));
		expect(setMicrophone).not.toHaveBeenCalled();
	});
});
