import { screen, waitFor } from "@testing-library/react";
import axe from "axe-core";
import { describe, expect, it, vi } from "vitest";
import { director, openApp, page, Refused, silence } from "@/test/app";
import { recording, session } from "@/test/session";

vi.mock("@/office/monitor/HistoryChart", () => ({
	default: ({ label }: { label: string }) => (
		<div role="img" aria-label={label} />
	),
}));

const answers = {
	"GET me": director,
	"GET sessions": page([session({ state: "live", my_role: "chair" })]),
	"GET sessions/HOP-261117": session({ state: "live", my_role: "chair" }),
	"GET sessions/HOP-261117/recordings": page([recording()]),
	"GET bridge-points": page([{ code: "DC-01", name: "Sở GD&ĐT" }]),
	"GET bridge-points/status": page([]),
	"GET classes": page([]),
	"GET recordings/r1": recording(),
};

describe("the app", () => {
	it("says that an address leads nowhere and shows the way back", async () => {
		await openApp("/khong/co", {});
		expect(
			await screen.findByRole("heading", { name: "Không có trang này" }),
		).toBeVisible();
		expect(
			screen.getByRole("link", { name: "Về trang hôm nay" }),
		).toHaveAttribute("href", "/");
	});

	it("says that the server is silent before anybody is known, and tries again", async () => {
		let up = false;
		const { user } = await openApp("/", {
			...answers,
			"GET me": () => (up ? director : silence),
			"GET sessions": page([]),
		});
		expect(
			await screen.findByText(/Máy chủ không trả lời/, {}, { timeout: 8_000 }),
		).toBeVisible();
		up = true;
		await user.click(screen.getByRole("button", { name: "Thử lại" }));
		expect(await screen.findByText("Hôm nay không có phiên nào")).toBeVisible();
	}, 12_000);

	it("goes back to the sign-in when the cookie ends while a page is open", async () => {
		const { address } = await openApp("/classes", {
			"GET me": director,
			"GET classes": new Refused(401, "not_signed_in"),
		});
		expect(
			await screen.findByRole("heading", { name: "Đăng nhập" }),
		).toBeVisible();
		expect(address()).toBe("/sign-in?next=%2Fclasses");
	});

	it("keeps what it shows when the server falls silent, says how old it is, and comes back by itself", async () => {
		let up = true;
		await openApp(
			"/",
			Object.fromEntries(
				Object.entries(answers).map(([request, answer]) => [
					request,
					() => (up ? answer : silence),
				]),
			),
			{ date: "Tue, 17 Nov 2026 00:48:20 GMT" },
		);
		const title = await screen.findByText("Họp giao ban tháng 11");
		up = false;
		window.dispatchEvent(new Event("offline"));
		expect(await screen.findByRole("alert")).toHaveTextContent(
			/^Máy này mất kết nối tới máy chủ. Nội dung dưới đây là lúc 07:48:2/,
		);
		expect(title).toBeVisible();
		expect(screen.queryByText(/Mã/)).toBeNull();
		up = true;
		window.dispatchEvent(new Event("online"));
		await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
	});

	it("takes away what the server says no to, also when it was shown before", async () => {
		let mine = true;
		await openApp("/s/HOP-261117", {
			...answers,
			"GET sessions/HOP-261117": () =>
				mine ? session({ state: "live" }) : new Refused(404, "unknown_session"),
		});
		await screen.findByRole("heading", { name: "Họp giao ban tháng 11" });
		mine = false;
		window.dispatchEvent(new Event("online"));
		expect(await screen.findByRole("alert")).toHaveTextContent(
			/Không có phiên này/,
		);
		expect(
			screen.queryByRole("heading", { name: "Họp giao ban tháng 11" }),
		).toBeNull();
	});

	it("tells a guest that a link leads into one session, and asks the server for nothing else", async () => {
		const guest = {
			...director,
			login: null,
			roles: [],
			may: [],
			link_session: "A",
		};
		for (const [path, words] of [
			["/classes", "Đường dẫn này không có lớp bồi dưỡng"],
			["/monitor", "Tài khoản này không xem bảng giám sát"],
			["/sessions/new", "Tài khoản này không tạo phiên"],
		] as const) {
			const { sent, unmount } = await openApp(path, { "GET me": guest });
			expect(await screen.findByText(words)).toBeVisible();
			expect(sent.map(({ request }) => request)).toEqual(["GET me"]);
			unmount();
		}
	});

	it("is dark in the room and light everywhere else", async () => {
		const { unmount } = await openApp("/s/HOP-261117/room", answers);
		await screen.findByText("Phòng HOP-261117");
		const scheme = () =>
			document.documentElement.getAttribute("data-mantine-color-scheme");
		await waitFor(() => expect(scheme()).toBe("dark"));
		unmount();
		await openApp("/classes", answers);
		await screen.findByText("Chưa có lớp nào");
		await waitFor(() => expect(scheme()).toBe("light"));
	});

	it("names the tab after the page", async () => {
		await openApp("/s/HOP-261117", answers);
		await screen.findByRole("heading", { name: "Họp giao ban tháng 11" });
		expect(document.title).toBe("Họp giao ban tháng 11 · Điểm Cầu");
	});

	it("puts the keyboard at the start of the page that a link led to", async () => {
		const { user } = await openApp("/classes", answers);
		await screen.findByText("Chưa có lớp nào");
		await user.click(screen.getByRole("link", { name: "Bảng giám sát" }));
		await screen.findByRole("heading", { name: "0 điểm cầu" });
		await waitFor(() =>
			expect(document.activeElement).toBe(screen.getByRole("main")),
		);
	});

	it("lets the keyboard skip the header first", async () => {
		const { user } = await openApp("/classes", answers);
		await screen.findByText("Chưa có lớp nào");
		await user.tab();
		expect(document.activeElement).toHaveTextContent("Tới nội dung chính");
		expect(document.activeElement).toHaveAttribute("href", "#main");
	});
});

describe("accessibility rules", () => {
	// Contrast needs a real browser: `npm run shots` runs the same rules there on every page at both sizes.
	it.each([
		["/sign-in", "Đăng nhập"],
		["/", "Các phiên khác hôm nay"],
		["/sessions/new", "Tạo phiên"],
		["/s/HOP-261117", "Họp giao ban tháng 11"],
		["/classes", "Bồi dưỡng"],
		["/monitor", "0 điểm cầu"],
		["/recordings/r1", "Họp giao ban tháng 11"],
	])("hold on %s", async (path, heading) => {
		const { container } = await openApp(path, {
			...answers,
			"GET sessions": page([
				session({
					state: "live",
					starts_at_us: Date.now() * 1_000 - 60_000_000,
				}),
				session({
					code: "B",
					starts_at_us: Date.now() * 1_000 - 30_000_000,
				}),
			]),
		});
		await screen.findAllByRole("heading", { name: heading });
		const { violations } = await axe.run(container, {
			rules: { "color-contrast": { enabled: false } },
		});
		expect(
			violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]),
		).toEqual([]);
	});

	it("stands under the name and the emblem of the department, on the sign-in too", async () => {
		const department = {
			name: "Sở Giáo dục và Đào tạo Nghệ An",
			short_name: "Sở GD&ĐT Nghệ An",
			emblem: "/api/v1/branding/emblem/ab12",
		};
		const { unmount } = await openApp("/classes", {
			...answers,
			"GET branding": department,
		});
		const header = await screen.findByRole("banner");
		expect(await screen.findByText("Sở GD&ĐT Nghệ An")).toBeVisible();
		expect(header.querySelector("img")).toHaveAttribute(
			"src",
			department.emblem,
		);
		unmount();
		await openApp("/sign-in", {
			"GET me": null,
			"GET branding": department,
			"GET first-day": { needed: false, unit: null },
		});
		expect(
			await screen.findByText("Sở Giáo dục và Đào tạo Nghệ An"),
		).toBeVisible();
	});
});
