import { screen } from "@testing-library/react";
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
});
