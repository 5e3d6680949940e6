import { act, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import type { Session } from "@/protocol/generated/Session";
import { hand, meeting, person, renderInRoom } from "@/test/room";
import { RoomScreen } from "./RoomScreen";

const none = () => undefined;
const screenOf = (
	<RoomScreen
		session={{} as Session}
		onBack={none}
		onTakeOver={none}
		onPage={none}
	/>
);

/** The screen is that of a phone, or of a desk. */
const wide = (is: boolean) =>
	vi.stubGlobal("matchMedia", () => ({
		matches: !is,
		addEventListener: none,
		removeEventListener: none,
	}));

describe("the room's screen", () => {
	it.each([
		["desk", true],
		["phone", false],
	])("asks before one leaves a %s, by the session's name", async (_, is) => {
		wide(is);
		vi.stubGlobal("RTCRtpSender", {});
		const user = userEvent.setup();
		const { session } = await renderInRoom(screenOf, "vinh");
		await user.click(screen.getByTestId("key-leave"));
		expect(session.leave).not.toHaveBeenCalled();
		expect(await screen.findByRole("dialog")).toHaveTextContent(
			"Rời phiên Giao ban tháng 11?",
		);
		await user.click(screen.getByRole("button", { name: "Ở lại" }));
		expect(session.leave).not.toHaveBeenCalled();
		await user.click(screen.getByTestId("key-leave"));
		await user.click(await screen.findByTestId("leave-confirm"));
		expect(session.leave).toHaveBeenCalledOnce();
		vi.unstubAllGlobals();
	});

	it("lets the chair preside from a phone: call, lock, record, end", async () => {
		wide(false);
		vi.stubGlobal("RTCRtpSender", {});
		const user = userEvent.setup();
		const { ask, store } = await renderInRoom(
			screenOf,
			"so",
			meeting({
				hands: [hand("vinh")],
				participants: [
					person("so", { seat: 1, role: "chair" }),
					person("vinh", { seat: 2 }),
				],
			}),
		);
		await user.click(screen.getByTestId("key-grant"));
		expect(ask).toHaveBeenLastCalledWith({
			type: "grant_floor",
			participant: "vinh",
		});
		await user.click(screen.getByTestId("key-lock-all"));
		expect(ask).toHaveBeenLastCalledWith({
			type: "set_lock_all",
			locked: true,
		});
		act(() => store.setState({ panel: "commands" }));
		expect(await screen.findByTestId("key-record")).toBeInTheDocument();
		expect(screen.getByTestId("key-end")).toBeInTheDocument();
		vi.unstubAllGlobals();
	});

	it("asks the chair before a hand is taken off the list, and forgets the question when its owner is called", async () => {
		wide(true);
		vi.stubGlobal("RTCRtpSender", {});
		const user = userEvent.setup();
		const { session, happens } = await renderInRoom(
			screenOf,
			"so",
			meeting({ hands: [hand("vinh")] }),
			{ lowering: "vinh" },
		);
		expect(await screen.findByRole("dialog")).toHaveTextContent(
			"Bỏ Vinh khỏi danh sách xin phát biểu?",
		);
		expect(screen.getByRole("dialog")).toHaveTextContent("thứ 1");
		await user.click(screen.getByTestId("lower-confirm"));
		expect(session.confirmLower).toHaveBeenCalledWith("vinh");
		act(() => session.askToLower("vinh"));
		await screen.findByTestId("lower-confirm");
		happens({ type: "hand_lowered", participant: "vinh" });
		await waitFor(() =>
			expect(screen.queryByTestId("lower-confirm")).toBeNull(),
		);
		vi.unstubAllGlobals();
	});

	it("tells who presides why what happens is not being saved", async () => {
		wide(true);
		vi.stubGlobal("RTCRtpSender", {});
		const { store } = await renderInRoom(screenOf, "so");
		const { room } = store.getState();
		if (!room) throw new Error("there is a room");
		expect(screen.queryByTestId("journal")).toBeNull();
		act(() =>
			store.setState({ room: { ...room, journalTrouble: "disk_full" } }),
		);
		expect(screen.getByTestId("journal")).toHaveTextContent("ổ đĩa đầy");
		vi.unstubAllGlobals();
	});
});
