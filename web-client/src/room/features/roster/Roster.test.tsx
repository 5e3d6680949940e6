import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { meeting, renderInRoom } from "@/test/room";
import { Roster } from "./Roster";

const removed = meeting({
	removed: [{ participant: "qp", name: "Bà Lô Thị Hằng", bridge_point: "b3" }],
});

describe("the list of people", () => {
	it("lets chair and secretary readmit who was removed, by the point's name", async () => {
		const user = userEvent.setup();
		const { ask } = await renderInRoom(<Roster />, "so", removed);
		const row = screen
			.getAllByRole("listitem")
			.find(({ dataset }) => dataset.state === "removed");
		expect(row).toHaveTextContent("03Quế Phong Bà Lô Thị Hằng, Đã mời ra");
		await user.click(within(row as HTMLElement).getByTestId("readmit"));
		expect(ask).toHaveBeenCalledWith({ type: "readmit", participant: "qp" });
	});

	it("does not tell others who was removed", async () => {
		await renderInRoom(<Roster />, "vinh", removed);
		expect(screen.queryByTestId("readmit")).toBeNull();
	});
});
