import { screen, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import type { LinkSummary } from "@/protocol/generated/LinkSummary";
import { openApp, page, Refused, teacher } from "@/test/app";
import { at, recording, session } from "@/test/session";

const open = (
	part: Parameters<typeof session>[0],
	recordings: unknown[] = [],
	more: Record<string, unknown> = {},
) =>
	openApp("/s/HOP-261117", {
		"GET me": teacher,
		"GET sessions/HOP-261117": session(part),
		"GET sessions/HOP-261117/recordings": page(recordings),
		"GET sessions/HOP-261117/links": page([]),
		"GET sessions/HOP-261117/attendance": page([]),
		"GET sessions/HOP-261117/history": page([]),
		"GET sessions/HOP-261117/officers": page([]),
		...more,
	});

describe("the page of a session", () => {
	it("says when it is, names the points by seat, and leads into the room", async () => {
		await open({ state: "live", present: 7 });
		const title = await screen.findByRole("heading", {
			level: 1,
			name: "Họp giao ban tháng 11",
		});
		const head = title.closest("header");
		expect(head).toHaveTextContent("Thứ Ba, 17/11/2026");
		expect(head).toHaveTextContent("08:00");
		expect(head).toHaveTextContent("Chủ trì: Đậu Quang Lĩnh. Thư ký: chưa cử.");
		const seats = within(
			screen.getByRole("region", { name: "2 điểm cầu" }),
		).getAllByRole("listitem");
		expect(seats.map((seat) => seat.textContent)).toEqual([
			"01Sở GD&ĐT",
			"02UBND xã Kim Sơn",
		]);
		expect(screen.getByRole("link", { name: "Vào họp" })).toHaveAttribute(
			"href",
			"/s/HOP-261117/room",
		);
		expect(screen.getByText("7 người trong phòng")).toBeVisible();
	});

	it("tells somebody who is not invited why there is no way in", async () => {
		await open({ my_role: null });
		expect(await screen.findByText(/không có tên trong phiên/)).toBeVisible();
		expect(screen.queryByRole("link", { name: "Vào họp" })).toBeNull();
	});

	it("goes by what the server lets one do, not by a role", async () => {
		const { unmount } = await open({ my_role: "viewer", may: [] });
		expect(await screen.findByText(/không có tên trong phiên/)).toBeVisible();
		unmount();
		await open({ my_role: null, may: ["enter_room"] });
		await screen.findByRole("heading", { name: "Họp giao ban tháng 11" });
		expect(screen.queryByText(/không có tên trong phiên/)).toBeNull();
	});

	it("shows how far each recording is", async () => {
		await open({ state: "ended" }, [
			recording(),
			recording({
				id: "r2",
				state: "composing",
				progress_percent: 37,
				media_url: null,
			}),
			recording({ id: "r3", state: "failed", media_url: null }),
		]);
		expect(
			await screen.findByRole("link", { name: /Xem lại, 08:02, 17\/11\/2026/ }),
		).toHaveAttribute("href", "/recordings/r1");
		expect(screen.getByText("Đang dựng bản xem lại, 37%")).toBeVisible();
		expect(screen.getByRole("progressbar")).toHaveAttribute(
			"aria-valuenow",
			"37",
		);
		expect(screen.getByRole("button", { name: "Dựng lại" })).toBeEnabled();
	});

	it("names when the room opens, and starts nothing before", async () => {
		const tomorrow = (Date.now() + 26 * 3_600_000) * 1_000;
		await open({
			state: "planned",
			starts_at_us: tomorrow,
			opens_at_us: tomorrow - 3_600_000_000,
		});
		expect(await screen.findByText(/^Phòng mở \d\d:\d\d ngày/)).toBeVisible();
		expect(screen.getByText(/còn 1 ngày/)).toBeVisible();
		expect(screen.queryByRole("link", { name: "Vào họp" })).toBeNull();
	});

	it("says afterwards who was there, when, how long, by the true times", async () => {
		const print = vi.fn();
		window.print = print;
		const { user } = await open(
			{
				state: "ended",
				opened_at_us: at("2026-11-17T07:52"),
				over_at_us: at("2026-11-17T10:24"),
				may: ["inspect_recordings", "view_attendance"],
			},
			[],
			{
				"GET sessions/HOP-261117/attendance": page([
					{
						name: "UBND xã Kim Sơn",
						role: "point",
						bridge_point: { number: 2, code: "DC-02", name: "UBND xã Kim Sơn" },
						first_us: at("2026-11-17T07:55"),
						last_us: at("2026-11-17T10:24"),
						present_us: 145 * 60_000_000,
					},
					{
						name: "Lô Thị Hằng",
						role: "presenter",
						bridge_point: null,
						first_us: at("2026-11-17T08:30"),
						last_us: at("2026-11-17T09:00"),
						present_us: 30 * 60_000_000,
					},
				]),
			},
		);
		expect(await screen.findByText("07:52–10:24")).toBeVisible();
		expect(screen.getByText("2 giờ 32 phút")).toBeVisible();
		expect(screen.getByText(/Kế hoạch 08:00 đến 10:30/)).toBeVisible();
		const list = within(
			await screen.findByRole("region", {
				name: "Có mặt 1/2 điểm cầu, 2 lượt người",
			}),
		);
		const rows = list.getAllByRole("row").slice(1);
		expect(rows.map((row) => row.textContent)).toEqual([
			"01Sở GD&ĐTVắng",
			"02UBND xã Kim Sơn07:55–10:242 giờ 25 phút",
			"Lô Thị HằngBáo cáo viên08:30–09:0030 phút",
		]);
		await user.click(screen.getByRole("button", { name: "In trang này" }));
		expect(print).toHaveBeenCalledOnce();
	});

	it("says that a session lapsed, and what became of its bookings", async () => {
		await open({ state: "lapsed", over_at_us: at("2026-11-17T12:31") });
		expect(await screen.findByText("Không diễn ra")).toBeVisible();
		expect(screen.getByText(/Chỗ đã đặt đã trả lại/)).toBeVisible();
		expect(screen.queryByRole("link", { name: "Vào họp" })).toBeNull();
	});

	const given = (part: Partial<LinkSummary>): LinkSummary => ({
		id: "k1",
		purpose: "join",
		role: "point",
		bridge_point: { number: 2, code: "DC-02", name: "UBND xã Kim Sơn" },
		name: null,
		created_at_us: at("2026-11-16T09:00"),
		created_by: "Phan Thị Huyền",
		first_used_at_us: null,
		expires_at_us: (Date.now() + 3_600_000) * 1_000,
		revoked_at_us: null,
		...part,
	});

	it("lets the chair make a link, shows its address once, and lists it with the others", async () => {
		const links: LinkSummary[] = [];
		const { user, bodies } = await open({ my_role: "chair" }, [], {
			"GET sessions/HOP-261117/links": () => page(links),
			"POST sessions/HOP-261117/links": () => {
				links.push(given({}));
				return {
					id: "k1",
					url: "https://diemcau.test/j/abc",
					expires_at_us: at("2026-11-17T12:30"),
				};
			},
			"DELETE links/k1": () => {
				links[0] = given({ revoked_at_us: at("2026-11-16T10:00") });
			},
		});
		expect(await screen.findByText("Chưa cấp đường dẫn nào.")).toBeVisible();
		await user.selectOptions(
			screen.getByLabelText("Mời vào với vai"),
			"Máy phòng họp của điểm cầu",
		);
		await user.selectOptions(
			screen.getByLabelText("Điểm cầu"),
			"02 UBND xã Kim Sơn",
		);
		await user.click(screen.getByRole("button", { name: "Tạo đường dẫn" }));
		expect(
			await screen.findByLabelText("Đường dẫn cho UBND xã Kim Sơn"),
		).toHaveValue("https://diemcau.test/j/abc");
		expect(bodies("POST sessions/HOP-261117/links")).toEqual([
			{ role: "point", bridge_point: "DC-02" },
		]);
		await user.click(
			await screen.findByRole("button", {
				name: "Thu hồi: 02 UBND xã Kim Sơn, 09:00",
			}),
		);
		expect(screen.getByText(/đã nhận đường dẫn này không vào/)).toBeVisible();
		expect(bodies("DELETE links/k1")).toHaveLength(0);
		await user.click(screen.getByRole("button", { name: "Thu hồi" }));
		await expect
			.poll(() => screen.queryByLabelText("Đường dẫn cho UBND xã Kim Sơn"))
			.toBeNull();
		expect(
			await screen.findByText(/Thu hồi 10:00, 16\/11\/2026/),
		).toBeVisible();
	});

	it("tells of each link who made it and whether it is used, and asks before somebody is sent away", async () => {
		const { user, bodies } = await open({ my_role: "secretary" }, [], {
			"GET sessions/HOP-261117/links": page([
				given({
					id: "k2",
					role: "presenter",
					bridge_point: null,
					name: "Lô Thị Hằng",
					first_used_at_us: at("2026-11-17T07:40"),
				}),
				given({ id: "k3", expires_at_us: at("2020-11-17T12:30") }),
			]),
			"DELETE links/k2": undefined,
		});
		const list = within(
			await screen.findByRole("region", { name: "Đường dẫn đã cấp" }),
		);
		const [used, dead] = list.getAllByRole("listitem");
		expect(used).toHaveTextContent("Báo cáo viên: Lô Thị Hằng");
		expect(used).toHaveTextContent(
			"Tạo 09:00, 16/11/2026, Phan Thị Huyền. Đã dùng 07:40, 17/11/2026.",
		);
		expect(dead).toHaveTextContent("Hết hạn 12:30, 17/11/2020");
		expect(within(dead as HTMLElement).queryByRole("button")).toBeNull();
		await user.click(list.getByRole("button", { name: /^Thu hồi/ }));
		expect(list.getByText(/người đó phải rời phòng/)).toBeVisible();
		expect(bodies("DELETE links/k2")).toHaveLength(0);
		await user.click(list.getByRole("button", { name: "Thu hồi" }));
		expect(bodies("DELETE links/k2")).toHaveLength(1);
	});

	it("says that an internal session takes no guests", async () => {
		const { user } = await open({ my_role: "secretary" }, [], {
			"POST sessions/HOP-261117/links": new Refused(409, "guests_not_allowed"),
		});
		await user.click(
			await screen.findByRole("button", { name: "Tạo đường dẫn" }),
		);
		expect(await screen.findByRole("alert")).toHaveTextContent(
			"Phiên nội bộ không nhận khách",
		);
	});

	it("offers a participant no links to give away", async () => {
		await open({ my_role: "point", state: "open" });
		await screen.findByRole("link", { name: "Vào họp" });
		expect(screen.queryByText("Đường dẫn mời")).toBeNull();
	});

	it("says that a session is unknown, without blaming anybody", async () => {
		await openApp("/s/KHONG", {
			"GET me": teacher,
			"GET sessions/KHONG": new Refused(404, "unknown_session"),
		});
		expect(await screen.findByRole("alert")).toHaveTextContent(
			"Không có phiên này, hoặc tài khoản này không được xem. Kiểm tra lại mã phiên trong giấy mời.",
		);
	});
});
