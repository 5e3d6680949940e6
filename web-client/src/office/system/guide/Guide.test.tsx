import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { Guide } from "@/protocol/generated/Guide";
import type { GuideChange } from "@/protocol/generated/GuideChange";
import type { GuideStanding } from "@/protocol/generated/GuideStanding";
import { director, openApp, page, Refused, teacher } from "@/test/app";

const step = (
	step: GuideStanding["step"],
	count: number,
	is_done = false,
): GuideStanding => ({ step, count, is_done, is_skipped: false });
const bare: Guide = {
	is_open: true,
	is_closed: false,
	steps: [
		step("units", 130, true),
		step("points", 1),
		step("people", 1),
		step("accounts", 1),
		step("test_call", 0),
	],
};

/** A server that keeps what is decided. */
function keeping(guide: Guide) {
	let now = guide;
	return {
		"GET guide": () => now,
		"PUT guide": (body: unknown) => {
			const { skipped, is_closed } = body as GuideChange;
			const steps = now.steps.map((one) => ({
				...one,
				is_skipped: skipped.includes(one.step),
			}));
			const isLeft = steps.some((one) => !one.is_done && !one.is_skipped);
			now = { steps, is_closed, is_open: isLeft && !is_closed };
			return now;
		},
	};
}

const item = async (name: string) => {
	const heading = await screen.findByRole("heading", { name });
	return within(heading.closest("li") as HTMLElement);
};

describe("the guide of the first days", () => {
	it("tells by what is there how far it is, and lights the next step", async () => {
		await openApp("/guide", { "GET me": director, ...keeping(bare) });
		expect(await screen.findByText("1 trong 5 bước đã xong")).toBeVisible();
		expect((await item("Đơn vị")).getByText("130 đơn vị")).toBeVisible();
		const points = await item("Điểm cầu");
		expect(points.getByText("Mới có 1 điểm, cần 2 để gọi nhau")).toBeVisible();
		expect(screen.getByRole("listitem", { current: "step" })).toHaveTextContent(
			"Điểm cầu",
		);
		expect(points.getByRole("link", { name: "Thêm điểm cầu" })).toHaveAttribute(
			"href",
			"/points",
		);
		const people = await item("Con người");
		expect(people.getByRole("link", { name: "Tải tệp mẫu" })).toHaveAttribute(
			"href",
			"/api/v1/people-imports/template",
		);
	});

	it("goes on without a step, and comes back to it", async () => {
		const { user, bodies } = await openApp("/guide", {
			"GET me": director,
			...keeping(bare),
		});
		await user.click(
			await screen.findByRole("button", { name: "Bỏ qua: Điểm cầu" }),
		);
		await waitFor(() =>
			expect(
				screen.getByRole("listitem", { current: "step" }),
			).toHaveTextContent("Con người"),
		);
		await user.click(
			screen.getByRole("button", { name: "Làm bước này: Điểm cầu" }),
		);
		expect(bodies("PUT guide")).toEqual([
			{ skipped: ["points"], is_closed: false },
			{ skipped: [], is_closed: false },
		]);
	});

	it("stands on the main page and among the sections until it is closed, and is opened again from here", async () => {
		const { user, address, goTo } = await openApp("/", {
			"GET me": director,
			"GET sessions": page([]),
			...keeping(bare),
		});
		expect(
			await screen.findByText("Hướng dẫn ngày đầu: xong 1 trong 5 bước."),
		).toBeVisible();
		await user.click(screen.getByRole("link", { name: "Làm tiếp" }));
		expect(address()).toBe("/guide");
		await user.click(
			await screen.findByRole("button", { name: "Để sau, vào trang chính" }),
		);
		await waitFor(() => expect(address()).toBe("/"));
		await screen.findByText("Hôm nay không có phiên nào");
		expect(screen.queryByText(/Hướng dẫn ngày đầu/)).toBeNull();
		expect(screen.queryByRole("link", { name: "Ngày đầu" })).toBeNull();
		goTo("/guide");
		await user.click(
			await screen.findByRole("button", { name: "Mở lại hướng dẫn" }),
		);
		expect(await screen.findByRole("link", { name: "Ngày đầu" })).toBeVisible();
	});

	it("makes a session for two points, and says why where it cannot", async () => {
		const ready = {
			...bare,
			steps: bare.steps.map((one) =>
				one.step === "points" ? { ...one, count: 2, is_done: true } : one,
			),
		};
		const points = ["DC-01", "DC-02", "DC-03"].map((code) => ({ code }));
		const { user, bodies } = await openApp("/guide", {
			"GET me": director,
			...keeping(ready),
			"GET bridge-points": page(points),
			"POST sessions": new Refused(409, "booking_conflict", {
				code: "GB-1126",
				title: "Giao ban",
				point: "Sở",
			}),
		});
		await user.click(
			await screen.findByRole("button", { name: "Tạo phiên gọi thử" }),
		);
		expect(await screen.findByRole("alert")).toBeVisible();
		const [asked] = bodies("POST sessions") as {
			bridge_points: string[];
			starts_at_us: number;
			ends_at_us: number;
		}[];
		expect(asked?.bridge_points).toEqual(["DC-01", "DC-02"]);
		expect((asked?.ends_at_us ?? 0) - (asked?.starts_at_us ?? 0)).toBe(
			30 * 60_000_000,
		);
	});

	it("is not for those who do not run the installation, and asks nothing for them", async () => {
		const { sent } = await openApp("/guide", { "GET me": teacher });
		expect(
			await screen.findByText("Tài khoản này không mở được mục Hệ thống"),
		).toBeVisible();
		expect(sent.map(({ request }) => request)).not.toContain("GET guide");
	});
});
