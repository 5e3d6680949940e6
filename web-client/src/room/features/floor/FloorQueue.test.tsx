import { fireEvent, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { meeting, person, renderInRoom } from "@/test/room";
import { FloorQueue } from "./FloorQueue";

const waiting = meeting({
	hands: ["vinh", "qp"],
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
			turn: { since_us: 0, opens_at_us: null },
			hands: ["vinh"],
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
				turn: { since_us: Date.now() * 1000 - 65_000_000, opens_at_us: null },
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
				turn: { since_us: 0, opens_at_us: Date.now() * 1000 + 2_500_000 },
			}),
		);
		const holder = screen.getByTestId("floor-holder");
		expect(holder).toHaveAttribute("data-announced");
		expect(holder).toHaveTextContent("Micro mở sau 3 giây");
	});
});
