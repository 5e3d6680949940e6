import { screen, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import type { PointStatus } from "@/protocol/generated/PointStatus";
import { director, openApp, page, Refused, teacher } from "@/test/app";
import { at } from "@/test/session";

// A canvas has nothing that a reader of the page could notice here; its sentence is what counts.
vi.mock("./HistoryChart", () => ({
	default: ({ label }: { label: string }) => (
		<div role="img" aria-label={label} />
	),
}));

const link = (loss: number, rtt: number): PointStatus["link"] => ({
	rtt_ms: rtt,
	ingress_loss_percent: loss,
	egress_loss_percent: 0,
	ingress_bps: 1_240_000,
	egress_bps: 2_000_000,
	estimate_bps: 4_000_000,
	path: "udp",
});

const point = (
	number: string,
	name: string,
	state: PointStatus["state"],
	measured: PointStatus["link"] = null,
): PointStatus => ({
	point: { number: Number(number), code: `DC-${number}`, name },
	main: number === "01",
	unit: { code: `U${number}`, name: `Đơn vị ${name}` },
	state,
	session: measured ? "HOP-261117" : null,
	last_seen_us: state === "idle" ? null : at("2026-11-16T10:12"),
	link: measured,
});

const points = [
	point("01", "Sở GD&ĐT", "good", link(0.1, 12)),
	point("07", "Con Cuông", "weak", link(4.1, 184)),
	point("11", "Kỳ Sơn", "lost"),
	point("22", "Yên Thành", "idle"),
];

const open = (more: Record<string, unknown> = {}) =>
	openApp("/monitor", {
		"GET me": director,
		"GET bridge-points/status": page(points),
		"GET bridge-points/DC-11/samples": page([]),
		...more,
	});

const names = () =>
	within(screen.getByRole("table", { name: "Bảng giám sát" }))
		.getAllByRole("rowheader")
		.map((cell) => cell.textContent);

describe("the monitor board", () => {
	it("has the worst on top, in words and figures", async () => {
		await open();
		const table = within(
			await screen.findByRole("table", { name: "Bảng giám sát" }),
		);
		expect(names()).toEqual(["Kỳ Sơn", "Con Cuông", "Sở GD&ĐT", "Yên Thành"]);
		const weak = table.getByRole("row", { name: /Con Cuông/ });
		expect(weak).toHaveTextContent("Mất gói cao");
		expect(weak).toHaveTextContent("4,1");
		expect(weak).toHaveTextContent("184");
		expect(weak).toHaveTextContent("1,2 / 2,0");
		expect(weak).toHaveTextContent("UDP");
		expect(table.getByRole("row", { name: /Kỳ Sơn/ })).toHaveTextContent(
			"16/11/2026",
		);
		expect(screen.getByRole("alert")).toHaveTextContent(
			"1 điểm mất kết nối: Kỳ Sơn",
		);
	});

	it("shows only what needs a look when asked to", async () => {
		const { user } = await open();
		await user.click(await screen.findByRole("radio", { name: "Cần xem 2" }));
		expect(names()).toEqual(["Kỳ Sơn", "Con Cuông"]);
	});

	it("opens a point with its history as a chart in one sentence and as a table", async () => {
		const nowUs = Date.now() * 1_000;
		const { user } = await open({
			"GET bridge-points/DC-07/samples": page(
				[4.1, 2, 9.3].map((loss, index) => ({
					at_us: nowUs - (3 - index) * 60_000_000,
					link: link(loss, 184),
				})),
			),
		});
		await user.click(await screen.findByRole("button", { name: "Con Cuông" }));
		const detail = within(
			await screen.findByRole("region", { name: "Con Cuông" }),
		);
		expect(
			await detail.findByRole("img", {
				name: /^Mất gói % của Con Cuông: cao nhất 9,3/,
			}),
		).toBeVisible();
		await user.click(detail.getByText("Xem dạng bảng"));
		const [latest] = detail.getAllByRole("rowheader");
		expect(latest?.closest("tr")).toHaveTextContent("9,3");
	});

	it("keeps the last figures and says so when the server falls silent", async () => {
		let up = true;
		const { user } = await open({
			"GET bridge-points/status": () =>
				up ? page(points) : new Refused(503, "busy"),
		});
		await screen.findByRole("table", { name: "Bảng giám sát" });
		up = false;
		window.dispatchEvent(new Event("visibilitychange"));
		document.dispatchEvent(new Event("visibilitychange"));
		expect(
			await screen.findByText(/Máy chủ chưa trả lời lần hỏi mới nhất/),
		).toBeVisible();
		expect(names()).toHaveLength(4);
		await user.click(screen.getByRole("radio", { name: "Không họp 1" }));
		expect(names()).toEqual(["Yên Thành"]);
	});

	it("tells a teacher that the board is not theirs", async () => {
		await openApp("/monitor", {
			"GET me": teacher,
			"GET bridge-points/status": new Refused(403, "not_allowed"),
		});
		expect(await screen.findByRole("alert")).toHaveTextContent(
			"Tài khoản này không có quyền làm việc đó.",
		);
	});
});
