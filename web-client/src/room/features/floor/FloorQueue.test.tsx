import { fireEvent, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { hand, meeting, person, renderInRoom, turn } from "@/test/room";
import { FloorQueue } from "./FloorQueue";

const waiting = meeting({
	hands: [hand("vinh"), hand("qp")],
	participants: [
		person("so", { seat: 1, role: "chair" }),
		person("vinh", { name: "Vinh", seat: 2, connection: "reconnecting" }),
		person("qp", { name: "Quế Phong", seat: 3 }),
	],
});

describe("the queue", () => {
	it("offers calling to the chair, and to nobody else", async () => {
		const chair = await renderInRoom(<FloorQueue />, "so", waiting);
		expect(screen.getAllByTestId("grant")).toHaveLength(2);
		chair.unmount();
		await renderInRoom(<FloorQueue />, "qp", waiting);
		expect(screen.queryByTestId("grant")).toBeNull();
		expect(screen.getByText("Đang nối lại, giữ thứ tự")).toBeVisible();
	});

	const speaking = (change: Parameters<typeof meeting>[0] = {}) =>
		meeting({
			floor: "qp",
			turn: turn(),
			hands: [hand("vinh")],
			participants: [
				person("so", { seat: 1, role: "chair" }),
				person("vinh", { name: "Ông Vi Văn Thắng", seat: 2 }),
				person("qp", { name: "Bà Lô Thị Hằng", seat: 3 }),
			],
			...change,
		});

	it("names the point first and the person second", async () => {
		await renderInRoom(<FloorQueue />, "so", speaking());
		const [row] = screen.getAllByRole("listitem");
		expect(row?.querySelector("b")).toHaveTextContent("02 Vinh");
		expect(row?.querySelector("small")).toHaveTextContent("Ông Vi Văn Thắng");
		const holder = screen.getByTestId("floor-holder");
		expect(holder).toHaveTextContent("03 Quế Phong");
		expect(holder).toHaveTextContent("Bà Lô Thị Hằng");
	});

	it("takes a double click for one press, for the rows move under the pointer", async () => {
		const { ask } = await renderInRoom(<FloorQueue />, "so", waiting);
		const [first, second] = screen.getAllByTestId("grant");
		if (!first || !second) throw new Error("two wait");
		fireEvent.click(first, { detail: 1 });
		fireEvent.click(second, { detail: 2 });
		expect(ask).toHaveBeenCalledExactlyOnceWith({
			type: "grant_floor",
			participant: "vinh",
		});
	});

	it("makes somebody next while another speaks, and only a key of its own cuts the turn", async () => {
		const user = userEvent.setup();
		const first = await renderInRoom(<FloorQueue />, "so", speaking());
		await user.click(screen.getByTestId("grant"));
		expect(first.ask).toHaveBeenLastCalledWith({
			type: "grant_floor",
			participant: "vinh",
		});
		first.unmount();
		const { ask } = await renderInRoom(
			<FloorQueue />,
			"so",
			speaking({ next: "vinh" }),
		);
		expect(screen.queryByTestId("grant")).toBeNull();
		expect(screen.getByTestId("floor-next")).toHaveTextContent(
			"Kế tiếp02 Vinh",
		);
		await user.click(screen.getByTestId("next-cancel"));
		expect(ask).toHaveBeenLastCalledWith({ type: "cancel_next" });
		await user.click(screen.getByTestId("next-now"));
		expect(ask).toHaveBeenLastCalledWith({
			type: "grant_floor",
			participant: "vinh",
			interrupt: true,
		});
	});

	it("gives a viewer who has the floor a card with a timer and the key that ends the turn", async () => {
		const user = userEvent.setup();
		const viewer = person("qp", { name: "Cô Hoài", role: "viewer" });
		const { ask } = await renderInRoom(
			<FloorQueue />,
			"qp",
			speaking({
				turn: turn({ since_us: Date.now() * 1000 - 65_000_000 }),
				participants: [person("so", { role: "chair" }), viewer],
				hands: [],
			}),
		);
		const holder = screen.getByTestId("floor-holder");
		expect(holder).toHaveTextContent("Cô Hoài");
		expect(holder).toHaveTextContent("1:05");
		await user.click(screen.getByTestId("end-turn"));
		expect(ask).toHaveBeenCalledWith({ type: "release_floor" });
	});

	it("says of a turn that is announced that the microphone is still closed", async () => {
		await renderInRoom(
			<FloorQueue />,
			"so",
			speaking({
				turn: turn({ opens_at_us: Date.now() * 1000 + 2_500_000 }),
			}),
		);
		const holder = screen.getByTestId("floor-holder");
		expect(holder).toHaveAttribute("data-announced");
		expect(holder).toHaveTextContent("Micro mở sau 3 giây");
	});

	it("counts down to the end of a turn, and lets the chair give a minute more", async () => {
		const user = userEvent.setup();
		const endsIn = (seconds: number) =>
			speaking({
				turn: turn({
					since_us: Date.now() * 1000 - 10_000_000,
					ends_at_us: Date.now() * 1000 + seconds * 1_000_000,
					topic: "Thiếu giáo viên",
				}),
			});
		const point = await renderInRoom(<FloorQueue />, "vinh", endsIn(139.5));
		let holder = screen.getByTestId("floor-holder");
		expect(holder).toHaveTextContent("2:20");
		expect(holder).toHaveTextContent("Về: Thiếu giáo viên");
		expect(holder).not.toHaveAttribute("data-nearly-over");
		expect(screen.queryByTestId("extend-turn")).toBeNull();
		point.unmount();
		const { ask } = await renderInRoom(<FloorQueue />, "so", endsIn(29.5));
		holder = screen.getByTestId("floor-holder");
		expect(holder).toHaveAttribute("data-nearly-over");
		expect(holder).toHaveTextContent("Sắp hết giờ");
		await user.click(screen.getByTestId("extend-turn"));
		expect(ask).toHaveBeenLastCalledWith({ type: "extend_turn" });
	});

	it("puts those who have not spoken first when the chair says so, and tells who has spoken for how long", async () => {
		const user = userEvent.setup();
		const rules = meeting({
			...waiting,
			unheard_first: true,
			heard: [{ participant: "vinh", turns: 2, spoken_us: 252_000_000 }],
			turn_length: 300,
		});
		const { ask, unmount } = await renderInRoom(<FloorQueue />, "so", rules);
		const rows = screen
			.getAllByTestId("grant")
			.map((key) => key.closest("li")?.getAttribute("data-participant"));
		expect(rows).toEqual(["qp", "vinh"]);
		expect(screen.getByTestId("heard")).toHaveTextContent("02 Vinh2 lượt4:12");
		await user.click(screen.getByTestId("unheard-first"));
		expect(ask).toHaveBeenLastCalledWith({
			type: "set_queue_order",
			unheard_first: false,
		});
		const length = screen.getByTestId("turn-length");
		expect(length).toHaveDisplayValue("5 phút");
		await user.selectOptions(length, "Không hạn");
		expect(ask).toHaveBeenLastCalledWith({
			type: "set_turn_length",
			seconds: null,
		});
		unmount();
		await renderInRoom(<FloorQueue />, "vinh", rules);
		expect(
			screen.getByText("Mỗi lượt 5 phút. Điểm chưa phát biểu được xếp trước."),
		).toBeVisible();
		expect(screen.queryByTestId("unheard-first")).toBeNull();
	});

	it("takes what one would speak about after the hand is up, and keeps what could not be sent", async () => {
		const user = userEvent.setup();
		const asking = meeting({
			...waiting,
			hands: [hand("vinh", { topic: "Học bù" }), hand("qp")],
		});
		const { ask } = await renderInRoom(<FloorQueue />, "qp", asking);
		expect(screen.getByText("Về: Học bù")).toBeVisible();
		const topic = screen.getByTestId("topic");
		expect(screen.queryByTestId("topic-save")).toBeNull();
		ask.mockResolvedValueOnce(false);
		await user.type(topic, " Sách giáo khoa {Enter}");
		expect(ask).toHaveBeenLastCalledWith({
			type: "set_topic",
			topic: "Sách giáo khoa",
		});
		expect(topic).toHaveValue(" Sách giáo khoa ");
		await user.click(screen.getByTestId("topic-save"));
		expect(ask).toHaveBeenCalledTimes(2);
	});
});
