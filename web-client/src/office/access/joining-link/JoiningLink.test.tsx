import { screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { LinkPreview } from "@/protocol/generated/LinkPreview";
import { openApp, page, Refused, teacher } from "@/test/app";
import { at, session } from "@/test/session";

const guest = { ...teacher, login: null, roles: [], link_session: "HOP-1" };

const preview = (part: Partial<LinkPreview> = {}): LinkPreview => ({
	session: "HOP-1",
	title: "Họp giao ban tháng 11",
	kind: "meeting",
	state: "open",
	starts_at_us: at("2026-11-17T08:00"),
	ends_at_us: at("2026-11-17T10:30"),
	opens_at_us: at("2026-11-17T07:00"),
	convening_unit: { code: "SO", name: "Sở GD&ĐT Hoan Châu" },
	chair: "Đậu Quang Lĩnh",
	auto_record: true,
	kept_until_us: at("2028-11-17T10:30"),
	guests_may_replay: false,
	role: "presenter",
	bridge_point: null,
	name: null,
	needs_name: true,
	...part,
});

const device = {
	needs_name: false,
	role: "point",
	bridge_point: { number: 15, code: "DC-15", name: "Trường TH Yên Hòa" },
} as const;

describe("a joining link", () => {
	it("says which meeting it leads to, and that it is recorded, before it asks for the name", async () => {
		const { sent } = await openApp("/j/bi-mat", {
			"POST links/preview": preview(),
		});
		expect(
			await screen.findByRole("heading", { name: "Họp giao ban tháng 11" }),
		).toBeVisible();
		expect(screen.getByText(/Thứ Ba, 17\/11\/2026/)).toHaveTextContent(
			"08:00–10:30",
		);
		expect(screen.getByText("Sở GD&ĐT Hoan Châu")).toBeVisible();
		expect(screen.getByText("Đậu Quang Lĩnh")).toBeVisible();
		expect(screen.getByText("HOP-1")).toBeVisible();
		expect(
			screen.getByText("Phiên này được ghi. Bản ghi lưu đến 17/11/2028."),
		).toBeVisible();
		expect(screen.getByLabelText("Tên của mình")).toBeVisible();
		expect(sent.map(({ request }) => request)).not.toContain(
			"POST links/exchange",
		);
	});

	it("says when the room opens, and that the chair may record", async () => {
		await openApp("/j/bi-mat", {
			"POST links/preview": preview({ state: "planned", auto_record: false }),
		});
		expect(await screen.findByText(/^Phòng mở 07:00/)).toBeVisible();
		expect(screen.getByText(/^Chủ trì có thể ghi phiên này/)).toBeVisible();
	});

	it("asks before it takes the place of the account that is signed in here", async () => {
		const { user, bodies } = await openApp("/j/bi-mat", {
			"GET me": teacher,
			"POST links/preview": preview(device),
			"POST links/exchange": guest,
		});
		expect(
			await screen.findByText(/đang đăng nhập là Vi Thị Hoài/),
		).toBeVisible();
		expect(
			screen.getByRole("link", { name: "Vào với tài khoản Vi Thị Hoài" }),
		).toHaveAttribute("href", "/s/HOP-1/room");
		expect(bodies("POST links/exchange")).toEqual([]);
		await user.click(
			screen.getByRole("button", { name: "Vào bằng đường dẫn" }),
		);
		expect(await screen.findByText("Phòng HOP-1")).toBeVisible();
		expect(bodies("POST links/exchange")).toEqual([{ secret: "bi-mat" }]);
	});

	it("leads whom it names straight to the room, and leaves the secret behind", async () => {
		const { address, bodies } = await openApp("/j/bi-mat", {
			"POST links/preview": preview(device),
			"POST links/exchange": guest,
			"GET me": guest,
		});
		expect(await screen.findByText("Phòng HOP-1")).toBeVisible();
		expect(address()).toBe("/s/HOP-1/room");
		expect(bodies("POST links/exchange")).toEqual([{ secret: "bi-mat" }]);
	});

	it("takes a guest's name, counted as people count, and goes in", async () => {
		const { user, bodies } = await openApp("/j/bi-mat", {
			"POST links/preview": preview(),
			"POST links/exchange": guest,
			"GET me": guest,
		});
		const name = await screen.findByLabelText("Tên của mình");
		const enter = screen.getByRole("button", { name: "Vào họp" });
		await user.click(enter);
		expect(screen.getByText(/^Nhập tên, ví dụ/)).toBeVisible();
		await user.click(name);
		await user.paste("a".repeat(81));
		expect(screen.getByText(/^Tên dài quá 80 ký tự/)).toBeVisible();
		await user.click(enter);
		expect(bodies("POST links/exchange")).toEqual([]);
		await user.clear(name);
		await user.type(name, " Lô Thị Hằng ");
		await user.click(enter);
		expect(await screen.findByText("Phòng HOP-1")).toBeVisible();
		expect(bodies("POST links/exchange")).toEqual([
			{ secret: "bi-mat", name: "Lô Thị Hằng" },
		]);
	});

	it("says why the server does not take a name", async () => {
		const { user } = await openApp("/j/bi-mat", {
			"POST links/preview": preview(),
			"POST links/exchange": new Refused(400, "bad_name", {
				reason: "direction",
				limit: "80",
			}),
		});
		await user.type(await screen.findByLabelText("Tên của mình"), "Hằng");
		await user.click(screen.getByRole("button", { name: "Vào họp" }));
		expect(
			await screen.findByText(/^Tên có ký tự đổi chiều viết/),
		).toBeVisible();
	});

	it("enters no session that is over, and says so", async () => {
		const { sent } = await openApp("/j/bi-mat", {
			"POST links/preview": preview({ ...device, state: "ended" }),
		});
		expect(
			await screen.findByText("Phiên này đã kết thúc, không vào được nữa."),
		).toBeVisible();
		expect(sent.map(({ request }) => request)).not.toContain(
			"POST links/exchange",
		);
	});

	it("leads a guest to the recording where the session says so", async () => {
		const { user, address } = await openApp("/j/bi-mat", {
			"POST links/preview": preview({
				state: "ended",
				guests_may_replay: true,
			}),
			"POST links/exchange": guest,
			"GET me": guest,
			"GET sessions/HOP-1": session({ code: "HOP-1", state: "ended" }),
			"GET sessions/HOP-1/recordings": page([]),
			"GET sessions/HOP-1/attendance": page([]),
		});
		await user.type(await screen.findByLabelText("Tên của mình"), "Hằng");
		await user.click(screen.getByRole("button", { name: "Xem lại bản ghi" }));
		await screen.findByText("Mã HOP-1", { exact: false });
		expect(address()).toBe("/s/HOP-1");
	});

	it("says that it has expired and what to do", async () => {
		await openApp("/j/cu", {
			"POST links/preview": new Refused(410, "link_expired"),
		});
		expect(
			await screen.findByText(/Đường dẫn này đã hết hạn. Hỏi người gửi/),
		).toBeVisible();
		expect(
			screen.getByRole("link", { name: "Đăng nhập bằng tài khoản" }),
		).toBeVisible();
	});
});
