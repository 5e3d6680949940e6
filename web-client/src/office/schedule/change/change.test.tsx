import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { openApp, page, Refused, teacher } from "@/test/app";
import { at, session } from "@/test/session";

/** A Tuesday of next year, so that nothing is in the past. */
const year = new Date().getFullYear() + 1;
const day = (date: string, time: string) => at(`${year}-${date}T${time}`);

const open = (
	part: Parameters<typeof session>[0],
	more: Record<string, unknown> = {},
) =>
	openApp("/s/HOP-261117", {
		"GET me": teacher,
		"GET sessions/HOP-261117": session({
			my_role: "secretary",
			starts_at_us: day("11-16", "08:00"),
			...part,
		}),
		"GET sessions/HOP-261117/recordings": page([]),
		"GET sessions/HOP-261117/links": page([]),
		"GET sessions/HOP-261117/history": page([]),
		"GET sessions/HOP-261117/officers": page([
			{
				part: "chair",
				person: "p1",
				name: "Đậu Quang Lĩnh",
				position: "Phó Giám đốc",
			},
		]),
		"GET bridge-points": page([
			{ number: 1, code: "DC-01", name: "Sở GD&ĐT" },
			{ number: 2, code: "DC-02", name: "UBND xã Kim Sơn" },
			{ number: 3, code: "DC-03", name: "UBND xã Mường Lống" },
		]),
		...more,
	});

describe("the change of a session", () => {
	it("names what is in the way of another time and moves to a free one", async () => {
		const free = [day("11-17", "09:15"), day("11-22", "08:00")];
		let tries = 0;
		const { user, bodies, sent } = await open(
			{},
			{
				"PATCH sessions/HOP-261117": () => {
					tries += 1;
					return tries === 1
						? new Refused(409, "booking_conflict", {
								code: "TH-03",
								title: "Tập huấn Tin học, lớp 3",
								point: "Sở GD&ĐT",
								room: "Phòng tầng 3",
								starts_at_us: String(day("11-18", "13:30")),
								ends_at_us: String(day("11-18", "16:30")),
								also_1_point: "UBND xã Kim Sơn",
								also_1_title: "Họp xã",
								also_1_code: "HOP-9",
								also_1_starts_at_us: String(day("11-18", "14:00")),
								also_1_ends_at_us: String(day("11-18", "15:00")),
								free_1_us: String(free[0]),
								free_2_us: String(free[1]),
							})
						: session({ etag: '"2"', starts_at_us: free[1] ?? 0 });
				},
			},
		);
		await user.click(await screen.findByRole("button", { name: "Dời lịch" }));
		const form = within(await screen.findByRole("form", { name: "Dời lịch" }));
		await user.clear(form.getByLabelText("Ngày"));
		await user.type(form.getByLabelText("Ngày"), `18/11/${year}`);
		await user.click(
			form.getByRole("button", {
				name: `Dời sang 18/11/${year}, báo 2 điểm cầu`,
			}),
		);
		const clash = await form.findByRole("alert");
		expect(clash).toHaveTextContent(
			"Phòng tầng 3 đã có Tập huấn Tin học, lớp 3, đến 16:30.",
		);
		expect(clash).toHaveTextContent("UBND xã Kim Sơn đã có Họp xã, đến 15:00.");
		const offers = form.getAllByRole("radio");
		expect(offers).toHaveLength(2);
		expect(offers[0]).toBeChecked();
		await user.click(offers[1] as HTMLElement);
		await user.type(
			form.getByLabelText("Lý do, ghi trong thông báo"),
			"Trùng lịch",
		);
		await user.click(
			form.getByRole("button", {
				name: `Dời sang 22/11/${year}, báo 2 điểm cầu`,
			}),
		);
		await expect.poll(() => screen.queryByRole("form")).toBeNull();
		expect(bodies("PATCH sessions/HOP-261117")[1]).toEqual({
			starts_at_us: free[1],
			ends_at_us: (free[1] ?? 0) + 150 * 60_000_000,
			reason: "Trùng lịch",
		});
		expect(sent.find((one) => one.request.startsWith("PATCH"))?.ifMatch).toBe(
			'"1"',
		);
	});

	it("tries again on the version that stands once somebody else was faster", async () => {
		let tries = 0;
		const { user, sent } = await open(
			{},
			{
				"PATCH sessions/HOP-261117": () => {
					tries += 1;
					return tries === 1
						? new Refused(412, "changed_meanwhile", { etag: '"7"' })
						: session({ title: "Họp khác", etag: '"8"' });
				},
			},
		);
		await user.click(await screen.findByRole("button", { name: "Sửa" }));
		const form = within(await screen.findByRole("form", { name: "Sửa phiên" }));
		await user.clear(form.getByLabelText("Tên phiên"));
		await user.type(form.getByLabelText("Tên phiên"), "Họp khác");
		await user.click(form.getByRole("button", { name: "Lưu thay đổi" }));
		expect(await form.findByRole("alert")).toHaveTextContent(
			"Người khác vừa sửa nội dung này",
		);
		expect(form.getByLabelText("Tên phiên")).toHaveValue("Họp khác");
		await user.click(form.getByRole("button", { name: "Lưu thay đổi" }));
		await expect.poll(() => screen.queryByRole("form")).toBeNull();
		const tags = sent.filter((one) => one.request.startsWith("PATCH"));
		expect(tags.map((one) => one.ifMatch)).toEqual(['"1"', '"7"']);
	});

	it("sends only what is another", async () => {
		const { user, bodies } = await open(
			{},
			{ "PATCH sessions/HOP-261117": () => session({ etag: '"2"' }) },
		);
		await user.click(await screen.findByRole("button", { name: "Sửa" }));
		const form = within(await screen.findByRole("form", { name: "Sửa phiên" }));
		const save = form.getByRole("button", { name: "Lưu thay đổi" });
		expect(save).toHaveAttribute("aria-disabled", "true");
		await user.click(await form.findByLabelText("03 UBND xã Mường Lống"));
		await user.click(save);
		await expect.poll(() => screen.queryByRole("form")).toBeNull();
		expect(bodies("PATCH sessions/HOP-261117")).toEqual([
			{ bridge_points: ["DC-01", "DC-02", "DC-03"] },
		]);
	});

	it("names people by search, one of them as the chair", async () => {
		const { user, bodies } = await open(
			{},
			{
				"GET sessions/HOP-261117/officer-candidates": page([
					{
						person: "p2",
						name: "Phan Thị Thanh Huyền",
						position: "Phó Chánh Văn phòng",
						unit: { code: "SO", name: "Sở GD&ĐT Hoan Châu" },
					},
				]),
				"PATCH sessions/HOP-261117": () => session({ etag: '"2"' }),
			},
		);
		expect(await screen.findByText("Phó Giám đốc")).toBeVisible();
		await user.click(screen.getByRole("button", { name: "Sửa" }));
		const form = within(await screen.findByRole("form", { name: "Sửa phiên" }));
		const search = form.getByLabelText("Gõ tên người, không cần dấu");
		for (const part of ["Chủ trì", "Báo cáo viên"]) {
			await user.selectOptions(form.getByLabelText("Vai"), part);
			await user.type(search, "huyen");
			await user.click(
				await form.findByRole("button", { name: /^Phan Thị Thanh Huyền/ }),
			);
		}
		await user.click(form.getByRole("button", { name: "Lưu thay đổi" }));
		await expect.poll(() => screen.queryByRole("form")).toBeNull();
		expect(bodies("PATCH sessions/HOP-261117")).toEqual([
			{
				officers: [
					{ part: "chair", person: "p2" },
					{ part: "presenter", person: "p2" },
				],
			},
		]);
	});

	it("calls off for a reason alone", async () => {
		const { user, bodies } = await open(
			{},
			{
				"POST sessions/HOP-261117/cancel": () =>
					session({ state: "cancelled", changeable: "nothing" }),
			},
		);
		await user.click(await screen.findByRole("button", { name: "Hủy phiên" }));
		const form = within(await screen.findByRole("form"));
		const yes = form.getByRole("button", {
			name: "Hủy phiên, báo 2 điểm cầu",
		});
		await user.click(yes);
		expect(form.getByText(/Viết lý do/)).toBeVisible();
		expect(bodies("POST sessions/HOP-261117/cancel")).toHaveLength(0);
		await user.type(form.getByRole("textbox"), "Bão số 9");
		await user.click(yes);
		await expect.poll(() => screen.queryByRole("form")).toBeNull();
		expect(bodies("POST sessions/HOP-261117/cancel")).toEqual([
			{ reason: "Bão số 9" },
		]);
	});

	it("offers of a session that runs a later end, and no other time", async () => {
		const starts = (Date.now() - 600_000) * 1_000;
		const { user, bodies } = await open(
			{ state: "live", changeable: "end", starts_at_us: starts, present: 3 },
			{ "PATCH sessions/HOP-261117": () => session({ etag: '"2"' }) },
		);
		await user.click(await screen.findByRole("button", { name: "Gia hạn" }));
		expect(screen.queryByRole("button", { name: "Dời lịch" })).toBeNull();
		expect(screen.queryByRole("button", { name: "Hủy phiên" })).toBeNull();
		await user.click(await screen.findByLabelText(/Thêm 60 phút/));
		await user.click(
			screen.getByRole("button", { name: /Gia hạn đến .*, báo 2 điểm cầu/ }),
		);
		await expect.poll(() => screen.queryByRole("form")).toBeNull();
		expect(bodies("PATCH sessions/HOP-261117")).toEqual([
			{ ends_at_us: starts + 210 * 60_000_000 },
		]);
	});

	it("offers no key to whoever may change nothing, nor on what is over", async () => {
		const { unmount } = await open({ my_role: "point" });
		await screen.findByRole("heading", { name: "Họp giao ban tháng 11" });
		expect(screen.queryByRole("button", { name: "Dời lịch" })).toBeNull();
		expect(screen.queryByText("Ai đã làm gì")).toBeNull();
		unmount();
		await open({ state: "cancelled", changeable: "nothing" });
		await screen.findByRole("heading", { name: "Họp giao ban tháng 11" });
		expect(screen.queryByRole("button", { name: "Sửa" })).toBeNull();
	});

	it("tells those who may change it who did what", async () => {
		await open(
			{},
			{
				"GET sessions/HOP-261117/history": page([
					{
						seq: 12,
						at_us: day("11-12", "11:05"),
						by: "Phan Thị Thanh Huyền",
						action: "move_session",
						fields: [
							{
								field: "starts_at_us",
								before: String(day("11-15", "08:00")),
								after: String(day("11-16", "08:00")),
							},
							{ field: "reason", before: null, after: "Trùng lịch" },
						],
					},
					{
						seq: 9,
						at_us: day("11-11", "09:00"),
						by: null,
						action: "grant_floor",
						fields: [],
					},
				]),
			},
		);
		const section = within(
			await screen.findByRole("region", { name: "Ai đã làm gì" }),
		);
		const rows = await section.findAllByRole("listitem");
		expect(rows).toHaveLength(1);
		expect(rows[0]).toHaveTextContent("Phan Thị Thanh Huyền");
		expect(rows[0]).toHaveTextContent(
			`Bắt đầu: 08:00, 15/11/${year} → 08:00, 16/11/${year}`,
		);
		expect(rows[0]).toHaveTextContent("Lý do: Trùng lịch");
	});
});

describe("notices", () => {
	it("stand on the page of the day, counted, until they were seen", async () => {
		const notice = {
			id: "n1",
			kind: "moved",
			session: "HOP-261117",
			title: "Họp giao ban tháng 11",
			starts_before_us: day("11-16", "08:00"),
			ends_before_us: day("11-16", "10:30"),
			starts_after_us: day("11-17", "09:15"),
			ends_after_us: day("11-17", "11:45"),
			reason: "Trùng lịch",
			by: "Phan Thị Thanh Huyền",
			at_us: day("11-10", "08:00"),
		};
		let seen = false;
		const { user, bodies } = await openApp("/", {
			"GET me": teacher,
			"GET sessions": page([]),
			"GET notices": () =>
				page(seen ? [] : [notice, { ...notice, id: "n2", title: "Họp xã" }]),
			"POST notices/n1/seen": () => {
				seen = true;
			},
		});
		const list = within(
			await screen.findByRole("region", { name: "Thông báo chưa xem: 2" }),
		);
		const [first] = list.getAllByRole("listitem");
		expect(first).toHaveTextContent("Dời lịch: Họp giao ban tháng 11");
		expect(first).toHaveTextContent(
			new RegExp(`16/11/${year}, 08:00–10:30 → .*17/11/${year}, 09:15–11:45`),
		);
		expect(first).toHaveTextContent("Lý do: Trùng lịch.");
		await user.click(
			list.getByRole("button", { name: "Đã xem: Họp giao ban tháng 11" }),
		);
		await expect
			.poll(() => screen.queryByRole("region", { name: /Thông báo/ }))
			.toBeNull();
		expect(bodies("POST notices/n1/seen")).toHaveLength(1);
	});
});
