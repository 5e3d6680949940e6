import { act, fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Desk } from "@/room/features/join/Desk";
import { SeatList, Wall } from "@/room/features/wall";
import { rememberDisplay, rememberedDisplay } from "@/room/state/display";
import { meeting, person, renderInRoom } from "@/test/room";
import { DisplayChoice } from "./DisplayChoice";
import { OtherWindows } from "./OtherWindows";
import { useFullFollowed } from "./useFull";
import { useWakeLock } from "./useWakeLock";
import { closeOtherWindows, otherWindows } from "./windows";

const leave = () => undefined;
const LAYOUTS = ["both", "speaker", "wall"] as const;

/** A window that a page opened, as far as a page sees it. */
function openedWindow(): Window {
	const page = document.implementation.createHTMLDocument();
	const listeners: (() => void)[] = [];
	return {
		document: page,
		close: () => {
			for (const listener of listeners) listener();
		},
		addEventListener: (_: string, listener: () => void) =>
			listeners.push(listener),
	} as unknown as Window;
}

describe("what one sees of the room", () => {
	beforeEach(() => void vi.stubGlobal("RTCRtpSender", {}));
	afterEach(() => act(() => closeOtherWindows()));

	it("is wall and main picture, or one of them alone", async () => {
		const { store } = await renderInRoom(<Desk onLeave={leave} />, "so");
		const shown = () => [
			screen.queryByTestId("wall") !== null,
			screen.queryByTestId("stage") !== null,
		];
		expect(shown()).toEqual([true, true]);
		fireEvent.keyDown(document.body, { code: "KeyV" });
		expect(store.getState().display.layout).toBe("speaker");
		expect(shown()).toEqual([false, true]);
		fireEvent.keyDown(document.body, { code: "KeyV" });
		expect(shown()).toEqual([true, false]);
	});

	it("is remembered on this machine, and nonsense is not believed", () => {
		rememberDisplay({ layout: "speaker", hideEmpty: true });
		expect(rememberedDisplay()).toEqual({ layout: "speaker", hideEmpty: true });
		localStorage.setItem("diemcau.display", '{"layout":"x","hideEmpty":1}');
		expect(rememberedDisplay()).toEqual({ layout: "both", hideEmpty: false });
	});

	it.each([
		[
			"wall",
			<Wall key="w" onPress={vi.fn()} selected={null} onSelect={vi.fn()} />,
		],
		["list of a phone", <SeatList key="l" onPress={vi.fn()} />],
	])(
		"leaves places without a picture out of the %s by choice, and keeps the others' numbers",
		async (_, part) => {
			const { store } = await renderInRoom(
				part,
				"so",
				meeting({
					participants: [
						person("so", { seat: 1, role: "chair", camera_on: false }),
						person("qp", { seat: 3, name: "Quế Phong" }),
					],
				}),
			);
			expect(screen.getAllByTestId("seat")).toHaveLength(3);
			act(() =>
				store.setState({ display: { layout: "both", hideEmpty: true } }),
			);
			expect(
				screen.getAllByTestId("seat").map(({ dataset }) => dataset.seat),
			).toEqual(["3"]);
		},
	);

	it("has the whole screen, also where the browser gives none, until Escape", async () => {
		function Followed() {
			useFullFollowed();
			return <Desk onLeave={leave} />;
		}
		const user = userEvent.setup();
		await renderInRoom(<Followed />, "so");
		await user.click(screen.getByTestId("stage-full"));
		expect(screen.queryByTestId("key-more")).toBeNull();
		expect(screen.getByTestId("stage")).toBeVisible();
		fireEvent.keyDown(document.body, { key: "Escape", code: "Escape" });
		expect(screen.getByTestId("key-more")).toBeVisible();
	});

	it("floats above other programs with the key of the microphone", async () => {
		const user = userEvent.setup();
		const floating = openedWindow();
		vi.stubGlobal("documentPictureInPicture", {
			requestWindow: async () => floating,
		});
		const { setMicrophone } = await renderInRoom(
			<>
				<DisplayChoice layouts={LAYOUTS} />
				<OtherWindows />
			</>,
			"vinh",
		);
		await user.click(screen.getByTestId("key-floating"));
		const page = floating.document;
		expect(page.querySelector("[data-testid=stage]")).not.toBeNull();
		const key = page.querySelector<HTMLElement>("[data-testid=key-microphone]");
		act(
			() => void key?.dispatchEvent(new MouseEvent("click", { bubbles: true })),
		);
		expect(setMicrophone).toHaveBeenCalledWith(true);
		await user.click(screen.getByTestId("key-floating"));
		expect(otherWindows.getState().floating).toBeNull();
		vi.unstubAllGlobals();
	});

	it("stands on a second screen in the page's looks, and goes when the room is left", async () => {
		const user = userEvent.setup();
		const second = openedWindow();
		const sheet = document.createElement("style");
		sheet.nonce = "n0nce";
		document.head.append(sheet);
		vi.spyOn(window, "open").mockReturnValue(second);
		const { unmount } = await renderInRoom(
			<>
				<DisplayChoice layouts={LAYOUTS} />
				<OtherWindows />
			</>,
			"vinh",
		);
		await user.click(screen.getByTestId("key-second"));
		expect(
			second.document.body.querySelector("[data-testid=stage]"),
		).not.toBeNull();
		const copied = [...second.document.head.querySelectorAll("style")];
		expect(copied.map(({ nonce }) => nonce)).toContain("n0nce");
		unmount();
		expect(otherWindows.getState().second).toBeNull();
		sheet.remove();
	});

	it("says what to allow when the browser opens no window", async () => {
		const user = userEvent.setup();
		vi.spyOn(window, "open").mockReturnValue(null);
		const { notify } = await renderInRoom(
			<DisplayChoice layouts={LAYOUTS} />,
			"vinh",
		);
		await user.click(screen.getByTestId("key-second"));
		expect(notify).toHaveBeenCalledWith(
			expect.objectContaining({ key: "window_refused" }),
		);
	});
});

describe("the screen", () => {
	it("stays awake in the room, also after the page was hidden, and sleeps after it", async () => {
		const release = vi.fn(async () => undefined);
		const request = vi.fn(async () => ({ release }));
		vi.stubGlobal("navigator", { ...navigator, wakeLock: { request } });
		function Awake() {
			useWakeLock();
			return null;
		}
		const shown = render(<Awake />);
		await act(async () => undefined);
		expect(request).toHaveBeenCalledTimes(1);
		act(() => void document.dispatchEvent(new Event("visibilitychange")));
		await act(async () => undefined);
		expect(request).toHaveBeenCalledTimes(2);
		shown.unmount();
		expect(release).toHaveBeenCalled();
		vi.unstubAllGlobals();
	});
});
