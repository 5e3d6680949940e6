import { screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { meeting, person, renderInRoom, turn } from "@/test/room";
import { Wall } from "../wall";
import { Stage } from "./Stage";

const called = (opensInUs: number | null) =>
	meeting({
		participants: [
			person("so", { seat: 1, role: "chair" }),
			person("vinh", { seat: 2, name: "Ông Vi Văn Thắng" }),
		],
		floor: "vinh",
		turn: turn({
			since_us: Date.now() * 1000,
			opens_at_us: opensInUs === null ? null : Date.now() * 1000 + opensInUs,
		}),
	});
const wall = (
	<Wall onPress={() => undefined} selected={null} onSelect={() => undefined} />
);

describe("a turn that is announced", () => {
	it("is told to its owner at the foot of their own picture, as a figure and in words", async () => {
		await renderInRoom(<Stage />, "vinh", called(2_900_000));
		const told = screen.getByTestId("announcement");
		expect(told).toHaveAttribute("role", "alert");
		expect(told).toHaveTextContent("Mời điểm cầu này phát biểu.");
		expect(told).toHaveTextContent("Micro mở sau 3 giây.");
		expect(told.querySelectorAll("[data-lit]")).toHaveLength(1);
		expect(screen.getByTestId("stage")).toHaveTextContent(
			"Mọi người đang thấy điểm cầu này",
		);
		expect(screen.getByTestId("stage")).toHaveTextContent("Micro còn đóng");
	});

	it("is not told to others as theirs", async () => {
		await renderInRoom(<Stage />, "so", called(2_900_000));
		expect(screen.queryByTestId("announcement")).toBeNull();
	});

	it("turns the plate gold only when the microphone is open", async () => {
		const before = await renderInRoom(wall, "so", called(2_900_000));
		expect(screen.getAllByTestId("seat")[1]).toHaveAttribute(
			"data-state",
			"present",
		);
		before.unmount();
		await renderInRoom(wall, "so", called(null));
		expect(screen.getAllByTestId("seat")[1]).toHaveAttribute(
			"data-state",
			"floor",
		);
	});
});

describe("the plate of the main picture", () => {
	it("names the point first, and under it the person and the part", async () => {
		await renderInRoom(<Stage />, "so", called(null));
		const stage = screen.getByTestId("stage");
		expect(stage.querySelector("b")).toHaveTextContent("Vinh");
		expect(stage.querySelector("small")).toHaveTextContent(
			"Ông Vi Văn Thắng, Điểm cầu",
		);
	});
});
