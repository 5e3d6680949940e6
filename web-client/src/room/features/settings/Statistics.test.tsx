import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { Explanation } from "@/protocol/generated/Explanation";
import type { PictureExplanation } from "@/protocol/generated/PictureExplanation";
import { meeting, renderInRoom } from "@/test/room";
import Statistics from "./Statistics";

const picture = (
	mid: string,
	change: Partial<PictureExplanation>,
): PictureExplanation => ({
	mid,
	kind: "tile",
	track: { participant: "vinh", source: "camera" },
	needed_bps: [150_000, 500_000, 1_500_000],
	given: 0,
	flowing: 0,
	reason: "best",
	...change,
});

async function shown(change: Partial<Explanation>) {
	const explanation: Explanation = {
		connected: true,
		mode: "everything",
		estimate_bps: 640_000,
		voices_bps: 96_000,
		budget_bps: 512_000,
		pictures: [],
		...change,
	};
	return renderInRoom(<Statistics />, "so", meeting(), {
		explanation,
		path: "tcp",
		link: {
			rtt_ms: 212.4,
			ingress_loss_percent: 0,
			egress_loss_percent: 3.25,
			ingress_bps: 400_000,
			egress_bps: 610_000,
			estimate_bps: 640_000,
			path: "tcp",
		},
	});
}

/** What the table says of a line. */
const said = (mid: string) => {
	const row = screen
		.getAllByRole("row")
		.find((candidate) => candidate.dataset.mid === mid);
	if (!row) throw new Error(`no line ${mid}`);
	return row.textContent;
};

describe("the figures", () => {
	it("say that the link makes pictures small, in megabits, and what a better one would take", async () => {
		const { session } = await shown({
			pictures: [
				picture("7", { kind: "stage", reason: "link", given: 0 }),
				picture("8", { reason: "link", given: null, flowing: null }),
			],
		});
		expect(session.explainMedia).toHaveBeenCalled();
		expect(screen.getByTestId("why")).toHaveTextContent(
			"đường xuống chỉ còn 0,6 Mbit/s, trong đó tiếng giữ trước 0,1 Mbit/s",
		);
		expect(said("7")).toContain(
			"Hình chính VinhHình nhỏ: hình rõ hơn cần 0,5 Mbit/s",
		);
		expect(said("8")).toContain("Tạm dừng: cần 0,2 Mbit/s");
		const figures = within(screen.getByTestId("statistics"));
		for (const figure of ["TCP", "212 ms", "3,3%", "0,6 Mbit/s"]) {
			expect(figures.getAllByText(figure).length).toBeGreaterThan(0);
		}
	});

	it("do not blame the link for what the viewer chose, or the sender, or the size of a tile", async () => {
		await shown({
			mode: "low",
			pictures: [
				picture("7", { kind: "stage", reason: "choice" }),
				picture("8", { reason: "view" }),
				picture("9", { reason: "publisher" }),
			],
		});
		expect(screen.getByTestId("why")).toHaveAttribute("data-why", "choice");
		expect(said("7")).toContain("Theo lựa chọn nhận hình");
		expect(said("8")).toContain("Ô nhỏ nên chỉ cần hình nhỏ");
		expect(said("9")).toContain("Nơi phát lúc này chỉ gửi hình nhỏ");
	});

	it("are content when everything comes as it should", async () => {
		await shown({ pictures: [picture("7", { given: 2, flowing: 2 })] });
		expect(screen.getByTestId("why")).toHaveTextContent(
			"Đường xuống đủ cho mọi hình đang xem.",
		);
	});
});
