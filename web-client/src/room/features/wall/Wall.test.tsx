import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { hand, meeting, person, renderInRoom, turn } from "@/test/room";
import { Wall } from "./Wall";

const wall = (onPress = vi.fn()) => (
	<Wall onPress={onPress} selected={null} onSelect={() => undefined} />
);

describe("the wall", () => {
	it("shows every invited point in seat order, absent ones too", async () => {
		await renderInRoom(wall(), "so");
		expect(
			screen
				.getAllByTestId("seat")
				.map((seat) => seat.getAttribute("aria-label")),
		).toEqual([
			expect.stringMatching(/^01 Sở GD&ĐT: Tôi, Chủ trì/),
			expect.stringMatching(/^02 Vinh: Micro tắt/),
			"03 Quế Phong: Vắng",
		]);
	});

	it("says on the plate who holds the floor, is lost, or waits with a raised hand", async () => {
		await renderInRoom(
			wall(),
			"so",
			meeting({
				participants: [
					person("so", { seat: 1, role: "chair" }),
					person("vinh", { seat: 2, connection: "reconnecting" }),
					person("qp", {
						seat: 3,
						microphone: {
							on: true,
							muted: false,
							locked: false,
							granted: false,
						},
					}),
				],
				floor: "qp",
				turn: turn(),
				hands: [hand("vinh")],
			}),
		);
		const states = screen
			.getAllByTestId("seat")
			.map((seat) => seat.dataset.state);
		expect(states).toEqual(["present", "reconnecting", "floor"]);
		expect(
			screen.getAllByTestId("seat")[1]?.getAttribute("aria-label"),
		).toContain("xin phát biểu, thứ 1");
	});

	it("is one stop of the Tab key, and the arrows walk it", async () => {
		const user = userEvent.setup();
		await renderInRoom(wall(), "so");
		await user.tab();
		expect(screen.getAllByTestId("seat")[0]).toHaveFocus();
		await user.keyboard("{End}");
		expect(screen.getAllByTestId("seat")[2]).toHaveFocus();
		await user.keyboard("{ArrowLeft}");
		expect(screen.getAllByTestId("seat")[1]).toHaveFocus();
		await user.tab();
		expect(screen.getAllByTestId("seat")[2]).not.toHaveFocus();
	});

	it("hands the pressed place on", async () => {
		const user = userEvent.setup();
		const onPress = vi.fn();
		await renderInRoom(wall(onPress), "so");
		await user.click(screen.getAllByTestId("seat")[1] as HTMLElement);
		expect(onPress.mock.calls[0]?.[0]).toMatchObject({ occupant: "vinh" });
	});
});
