import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { startOfDay } from "@/format";
import type { Session } from "@/protocol/generated/Session";
import { director, openApp, page, Refused, silence, teacher } from "@/test/app";
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

	describe("of which somebody looks for some", () => {
		const live = session({
			state: "live",
			my_role: "chair",
			starts_at_us: nowUs() - hourUs,
			ends_at_us: nowUs() + hourUs,
		});
		const later = (part: Partial<Session>) => {
			const begin = startOfDay(nowUs(), 3) + hourUs;
			return session({
				starts_at_us: begin,
				ends_at_us: begin + hourUs,
				...part,
			});
		};
		const conference = later({
			code: "HN-1",
			title: "Hội nghị tổng kết",
			kind: "conference",
			convening_unit: { code: "XA-YH", name: "UBND xã Yên Hòa" },
		});
		const briefing = later({
			code: "GB-1",
			title: "Giao ban chuyên môn",
			kind: "briefing",
		});
		const gone = "0192f0c1-5a7e-7c3b-9d0a-3f6f5f0f8a11";
		const dissolved = later({
			code: "HT-1",
			title: "Hội thảo cũ",
			kind: "seminar",
			convening_unit: { code: gone, name: gone },
		});
		const all = [live, conference, briefing, dissolved];
		const units = all.map(({ convening_unit }) => convening_unit.code);

		const takes = (asked: string | null, said: string) =>
			asked === null || asked === said;
		/** The page at an address, on a server that filters as ours does. `held` is waited for before it answers a choice. */
		const open = (path = "/", held?: Promise<void>) =>
			openApp(path, {
				"GET me": director,
				"GET sessions": async (_: unknown, { searchParams }: URL) => {
					const kind = searchParams.get("kind");
					const unit = searchParams.get("unit");
					if (kind !== null || unit !== null) await held;
					if (unit !== null && (unit === gone || !units.includes(unit))) {
						return new Refused(400, "unknown_unit", { unit });
					}
					return page(
						all.filter(
							(one) =>
								takes(kind, one.kind) && takes(unit, one.convening_unit.code),
						),
					);
				},
				"GET bridge-points/status": page([]),
			});
		const kind = () => screen.findByLabelText("Loại phiên");
		const unit = () => screen.findByLabelText("Đơn vị triệu tập");

		it("shows those, how many they are, and still where to go now and what the day holds", async () => {
			const { sent, user, address } = await open();
			expect(await screen.findByText(briefing.title)).toBeVisible();
			await user.selectOptions(await unit(), "UBND xã Yên Hòa");
			expect(await screen.findByText("Đang hiện 1 phiên.")).toBeVisible();
			expect(screen.getByText(conference.title)).toBeVisible();
			expect(screen.queryByText(briefing.title)).toBeNull();
			expect(screen.getByRole("region", { name: live.title })).toBeVisible();
			expect(
				screen.getByText("1 phiên hôm nay, chủ trì 1 phiên"),
			).toBeVisible();
			expect(address()).toBe("/?unit=XA-YH");
			const asked = sent.filter(({ request }) => request === "GET sessions");
			expect(asked.at(-1)?.query.get("unit")).toBe("XA-YH");
			expect(asked.at(-1)?.query.get("kind")).toBeNull();
		});

		it("counts the day whole also where nothing of it was chosen", async () => {
			const begin = startOfDay(nowUs()) + 60_000_000;
			const ended = session({
				state: "ended",
				starts_at_us: begin,
				ends_at_us: begin + hourUs,
			});
			await openApp("/?kind=training", {
				"GET me": teacher,
				"GET sessions": (_: unknown, { searchParams }: URL) =>
					page(searchParams.has("kind") ? [] : [ended]),
			});
			expect(
				await screen.findByText("Hôm nay không còn phiên nào"),
			).toBeVisible();
			expect(screen.getByText("1 phiên hôm nay")).toBeVisible();
			expect(screen.queryByText("Hôm nay không có phiên nào")).toBeNull();
		});

		it("leaves the keyboard where it chose, and everything in sight until the answer comes", async () => {
			let answer: () => void = () => undefined;
			const { user } = await open(
				"/",
				new Promise((resolve) => {
					answer = resolve;
				}),
			);
			const chosen = await kind();
			await user.selectOptions(chosen, "Hội nghị");
			await screen.findByRole("button", { name: "Bỏ lọc" });
			expect(screen.getByText(briefing.title)).toBeVisible();
			answer();
			await waitFor(() =>
				expect(screen.queryByText(briefing.title)).toBeNull(),
			);
			expect(chosen).toBeVisible();
			expect(chosen).toHaveFocus();
		});

		it("says once that there are none, beside the way back to all", async () => {
			const { user, address } = await open();
			await user.selectOptions(await kind(), "Tập huấn");
			expect(
				await screen.findByText("Không có phiên nào như đã chọn."),
			).toHaveRole("status");
			await user.click(screen.getByRole("button", { name: "Bỏ lọc" }));
			expect(await screen.findByText(briefing.title)).toBeVisible();
			expect(address()).toBe("/");
			expect(screen.queryByRole("button", { name: "Bỏ lọc" })).toBeNull();
			expect(await kind()).toHaveFocus();
		});

		it("can choose anew after a unit that the server does not know", async () => {
			const { user } = await open("/?unit=LA");
			expect(await screen.findByRole("alert")).toHaveTextContent(
				"Không có đơn vị này",
			);
			expect(await unit()).toHaveDisplayValue("Đơn vị LA");
			expect(screen.getByRole("region", { name: live.title })).toBeVisible();
			await user.selectOptions(await unit(), "UBND xã Yên Hòa");
			expect(await screen.findByText(conference.title)).toBeVisible();
			expect(screen.queryByRole("alert")).toBeNull();
		});

		it("is offered no unit that has only an id left", async () => {
			await open();
			await screen.findByText(dissolved.title);
			const options = within(await unit()).getAllByRole("option");
			expect(options.map(({ textContent }) => textContent)).toEqual([
				"Mọi đơn vị",
				"Sở GD&ĐT Hoan Châu",
				"UBND xã Yên Hòa",
			]);
		});

		it("is still the page of today in the header", async () => {
			await open("/?kind=conference");
			await screen.findByText(conference.title);
			expect(
				within(screen.getByRole("navigation", { name: "Mục chính" })).getByRole(
					"link",
					{ name: "Hôm nay" },
				),
			).toHaveAttribute("aria-current", "page");
		});
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
