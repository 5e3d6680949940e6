import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { startOfDay } from "@/format";
import { director, openApp, page, silence, teacher } from "@/test/app";
import { at, session } from "@/test/session";

const hourUs = 3_600_000_000;
const nowUs = () => Date.now() * 1_000;

describe("the page of today", () => {
	it("offers the chair one large key into the live session", async () => {
		const live = session({
			state: "live",
			my_role: "chair",
			present: 19,
			starts_at_us: nowUs() - hourUs,
			ends_at_us: nowUs() + hourUs,
		});
		await openApp("/", {
			"GET me": director,
			"GET sessions": page([live]),
			"GET bridge-points/status": page([]),
		});
		const key = await screen.findByRole("link", { name: /Vào chủ trì/ });
		expect(key).toHaveAttribute("href", "/s/HOP-261117/room");
		expect(key).toHaveTextContent("19 người trong phòng");
	});

	it("offers no way into a session that one may only look at", async () => {
		const live = session({
			state: "live",
			my_role: null,
			starts_at_us: nowUs() - hourUs,
			ends_at_us: nowUs() + hourUs,
		});
		await openApp("/", { "GET me": teacher, "GET sessions": page([live]) });
		const card = await screen.findByRole("region", { name: live.title });
		expect(within(card).queryByText("Vào họp")).toBeNull();
		expect(within(card).getByRole("link")).toHaveAttribute(
			"href",
			"/s/HOP-261117",
		);
	});

	it("says what each session stands at, once, and never two things at the same time", async () => {
		const midnight = startOfDay(nowUs());
		const base = {
			starts_at_us: midnight + 60_000_000,
			my_role: "point",
		} as const;
		await openApp("/", {
			"GET me": teacher,
			"GET sessions": page([
				session({ ...base, code: "A", title: "Phiên A", state: "ended" }),
				session({ ...base, code: "B", title: "Phiên B", state: "lapsed" }),
			]),
		});
		expect(
			await screen.findByText("Hôm nay không còn phiên nào"),
		).toBeVisible();
		expect(screen.getByText("2 phiên hôm nay")).toBeVisible();
		expect(screen.queryByText("Hôm nay không có phiên nào")).toBeNull();
		expect(screen.getByText("Không diễn ra")).toBeVisible();
		expect(screen.getAllByText("2 giờ 30 phút")).toHaveLength(2);
	});

	it("tells of a session that is over when it was and how long it took, not what was planned", async () => {
		const midnight = startOfDay(nowUs());
		const minuteUs = hourUs / 60;
		await openApp("/", {
			"GET me": teacher,
			"GET sessions": page([
				session({
					state: "ended",
					starts_at_us: midnight + minuteUs,
					opened_at_us: midnight + 7 * minuteUs,
					over_at_us: midnight + 52 * minuteUs,
				}),
			]),
		});
		const row = (
			await screen.findByRole("heading", { name: "Họp giao ban tháng 11" })
		).closest("li");
		expect(row).toHaveTextContent("00:07");
		expect(row).toHaveTextContent("45 phút");
	});

	it("says of a session that goes on beyond its end by how much", async () => {
		await openApp("/", {
			"GET me": teacher,
			"GET sessions": page([
				session({
					state: "live",
					starts_at_us: nowUs() - 3 * hourUs,
					ends_at_us: nowUs() - hourUs,
				}),
			]),
		});
		expect(await screen.findByText("quá giờ 1 giờ")).toBeVisible();
	});

	it("says of a room that is open and empty when it opened, an hour after the begin too", async () => {
		const begun = nowUs() - hourUs;
		await openApp("/", {
			"GET me": director,
			"GET sessions": page([
				session({
					state: "open",
					my_role: "chair",
					starts_at_us: begun,
					ends_at_us: begun + 3 * hourUs,
				}),
			]),
			"GET bridge-points/status": page([]),
		});
		const key = await screen.findByRole("link", { name: /Vào chủ trì/ });
		expect(key).toHaveTextContent(
			/^Vào chủ trìPhòng mở từ \d\d:\d\d, chưa có ai$/,
		);
		expect(screen.getByText("đã đến giờ")).toBeVisible();
		expect(screen.queryByText("Sắp tới")).toBeNull();
	});

	it("takes the day from the server, whatever the device's clock is set to", async () => {
		const date = "Tue, 17 Nov 2037 17:30:00 GMT";
		const { sent } = await openApp(
			"/",
			{ "GET me": teacher, "GET sessions": page([]) },
			{ date },
		);
		expect(
			await screen.findByRole("heading", { name: "Thứ Tư, 18/11/2037" }),
		).toBeVisible();
		const asked = sent.filter(({ request }) => request === "GET sessions");
		expect(asked.at(-1)?.query.get("to")).toBe(String(at("2037-12-03T00:00")));
	});

	it("says when there is nothing, and offers to plan to those who may", async () => {
		await openApp("/", { "GET me": director, "GET sessions": page([]) });
		expect(await screen.findByText("Hôm nay không có phiên nào")).toBeVisible();
		expect(
			screen.getAllByRole("link", { name: "Tạo phiên" }).length,
		).toBeGreaterThan(1);
	});

	it("shows what somebody looks for, and still where to go now", async () => {
		const live = session({
			state: "live",
			starts_at_us: nowUs() - hourUs,
			ends_at_us: nowUs() + hourUs,
		});
		const later = session({
			code: "HN-1",
			title: "Hội nghị tổng kết",
			kind: "conference",
			convening_unit: { code: "XA-YH", name: "UBND xã Yên Hòa" },
			starts_at_us: startOfDay(nowUs(), 3) + hourUs,
			ends_at_us: startOfDay(nowUs(), 3) + 2 * hourUs,
		});
		const { sent, user, address } = await openApp("/", {
			"GET me": director,
			"GET sessions": (_: unknown, { searchParams }: URL) => {
				const isAskedFor = (name: string, said: string) =>
					[null, said].includes(searchParams.get(name));
				return page(
					[live, later].filter(
						({ kind, convening_unit }) =>
							isAskedFor("kind", kind) &&
							isAskedFor("unit", convening_unit.code),
					),
				);
			},
			"GET bridge-points/status": page([]),
		});
		expect(await screen.findByText("Hội nghị tổng kết")).toBeVisible();
		await user.selectOptions(screen.getByLabelText("Loại phiên"), "Tập huấn");
		expect(await screen.findAllByText(/như đã chọn/)).not.toHaveLength(0);
		expect(screen.queryByText("Hội nghị tổng kết")).toBeNull();
		expect(screen.getByRole("region", { name: live.title })).toBeVisible();
		await user.selectOptions(
			screen.getByLabelText("Loại phiên"),
			"Mọi loại phiên",
		);
		await user.selectOptions(
			screen.getByLabelText("Đơn vị triệu tập"),
			"UBND xã Yên Hòa",
		);
		expect(await screen.findByText("Hội nghị tổng kết")).toBeVisible();
		expect(address()).toBe("/?unit=XA-YH");
		const asked = sent.filter(({ request }) => request === "GET sessions");
		expect(asked.at(-1)?.query.get("unit")).toBe("XA-YH");
		expect(asked.at(-1)?.query.get("kind")).toBeNull();
	});

	it("shows a teacher no sections for administrators", async () => {
		await openApp("/", { "GET me": teacher, "GET sessions": page([]) });
		const sections = within(
			await screen.findByRole("navigation", { name: "Mục chính" }),
		);
		expect(
			sections.getAllByRole("link").map((link) => link.textContent),
		).toEqual(["Hôm nay", "Bồi dưỡng"]);
	});

	it("says that the server is silent, and tries again", async () => {
		let up = false;
		const { user } = await openApp("/", {
			"GET me": teacher,
			"GET sessions": () => (up ? page([]) : silence),
		});
		const alert = await screen.findByRole("alert");
		expect(alert).toHaveTextContent("Máy chủ không trả lời");
		up = true;
		await user.click(within(alert).getByRole("button", { name: "Thử lại" }));
		expect(await screen.findByText("Hôm nay không có phiên nào")).toBeVisible();
	});

	it("leads a guest to the one session of the link", async () => {
		const { address } = await openApp("/", {
			"GET me": { ...teacher, login: null, link_session: "HOP-261117" },
			"GET sessions/HOP-261117": session(),
			"GET sessions/HOP-261117/recordings": page([]),
		});
		expect(
			await screen.findByRole("heading", { name: "Họp giao ban tháng 11" }),
		).toBeVisible();
		expect(address()).toBe("/s/HOP-261117");
	});
});

describe("the account menu", () => {
	it("signs out and forgets who was here", async () => {
		const { user, address, bodies } = await openApp("/", {
			"GET me": teacher,
			"GET sessions": page([]),
			"POST sign-out": undefined,
		});
		await user.click(
			await screen.findByRole("button", { name: "Tài khoản Vi Thị Hoài" }),
		);
		await user.click(
			await screen.findByRole("menuitem", { name: "Đăng xuất" }),
		);
		expect(
			await screen.findByRole("heading", { name: "Đăng nhập" }),
		).toBeVisible();
		expect(address()).toBe("/sign-in");
		expect(bodies("POST sign-out")).toHaveLength(1);
	});
});
