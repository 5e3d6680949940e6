import { act, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { meeting, person, renderInRoom } from "@/test/room";
import { Desk } from "../join/Desk";
import { ModeChoice } from "./ModeChoice";

const conference = (change: Partial<ReturnType<typeof meeting>> = {}) => {
	const room = meeting({ all_locked: true, ...change });
	return {
		...room,
		session: { ...room.session, preset: "conference" as const },
	};
};

const rights = () => screen.getByTestId("mode-rights");

describe("the mode of a room", () => {
	it("is changed in two presses from the session bar, and says what it does before", async () => {
		const user = userEvent.setup();
		const { ask, happens } = await renderInRoom(
			<Desk onLeave={() => undefined} />,
			"so",
		);
		await user.click(screen.getByTestId("mode"));
		const key = await screen.findByTestId("preset-conference");
		expect(key).toHaveTextContent(
			"Khóa micro; điểm được mời mới nói và trình chiếu.",
		);
		await user.click(key);
		expect(ask).toHaveBeenLastCalledWith({
			type: "set_preset",
			preset: "conference",
		});
		happens({ type: "preset_changed", preset: "conference" });
		expect(screen.getByTestId("mode")).toHaveTextContent("Chế độ: Hội nghị");
		expect(key).toHaveAttribute("aria-pressed", "true");
	});

	it("tells everybody who may speak and who may show, as it is and not as it is called", async () => {
		const { happens } = await renderInRoom(
			<ModeChoice />,
			"vinh",
			conference(),
		);
		expect(rights()).toHaveTextContent(
			"Ai được nóichủ trì, thư ký, và ai được mời",
		);
		expect(screen.queryByTestId("preset-training")).toBeNull();
		happens({ type: "all_locked", locked: false, by: "so" });
		expect(rights()).toHaveTextContent(
			"Ai được nóimọi người, trừ ai bị khóa micro riêng",
		);
		happens({ type: "screen_locked", participant: "vinh" });
		expect(rights()).toHaveTextContent("Ai được chiếuchỉ Vinh");
		happens({
			type: "participant_left",
			participant: "vinh",
			reason: "left",
		});
		expect(rights()).toHaveTextContent(
			"Ai được chiếuchủ trì, thư ký, và ai được mời",
		);
	});
});

describe("the shared screen", () => {
	it("is kept for a point by its menu, and its key says so to the others", async () => {
		const user = userEvent.setup();
		const { ask, happens } = await renderInRoom(
			<Desk onLeave={() => undefined} />,
			"so",
		);
		const tile = document.querySelector<HTMLElement>('[data-seat="2"]');
		await user.click(tile as HTMLElement);
		await user.click(
			await screen.findByRole("menuitem", {
				name: "Khóa trình chiếu cho điểm này",
			}),
		);
		expect(ask).toHaveBeenLastCalledWith({
			type: "lock_screen",
			participant: "vinh",
		});
		happens({ type: "screen_locked", participant: "vinh" });
		expect(screen.getByTestId("key-screen")).toHaveTextContent(
			"Đang dành cho một điểm",
		);
		await user.click(screen.getByTestId("mode"));
		await user.click(await screen.findByTestId("screen-free"));
		expect(ask).toHaveBeenLastCalledWith({
			type: "lock_screen",
			participant: null,
		});
	});
});

describe("the chair", () => {
	it("is handed on by name, only after a question", async () => {
		const user = userEvent.setup();
		const { ask } = await renderInRoom(
			<Desk onLeave={() => undefined} />,
			"so",
			meeting({
				participants: [
					person("so", { name: "Sở GD&ĐT", seat: 1, role: "chair" }),
					person("vinh", { name: "Vinh", seat: 2 }),
					person("qp", {
						name: "Quế Phong",
						seat: 3,
						connection: "reconnecting",
					}),
				],
			}),
		);
		const give = async (seat: number) => {
			await user.click(
				document.querySelector<HTMLElement>(
					`[data-seat="${seat}"]`,
				) as HTMLElement,
			);
			const menu = await screen.findByRole("menu");
			return within(menu).queryByRole("menuitem", {
				name: "Giao quyền chủ trì",
			});
		};
		expect(await give(3), "who is not connected").toBeNull();
		await user.keyboard("{Escape}");
		await user.click((await give(2)) as HTMLElement);
		expect(
			await screen.findByText("Giao quyền chủ trì cho Vinh?"),
		).toBeVisible();
		expect(ask).not.toHaveBeenCalled();
		await user.click(screen.getByTestId("give-chair-confirm"));
		expect(ask).toHaveBeenLastCalledWith({
			type: "give_chair",
			participant: "vinh",
		});
	});

	it("is taken back by whom the schedule names, where the server lets", async () => {
		const user = userEvent.setup();
		const { ask, store } = await renderInRoom(<ModeChoice />, "vinh");
		expect(screen.queryByTestId("key-take-chair")).toBeNull();
		act(() => store.setState({ may: ["publish_media", "take_chair"] }));
		await user.click(screen.getByTestId("key-take-chair"));
		expect(ask).toHaveBeenLastCalledWith({ type: "take_chair" });
	});
});
