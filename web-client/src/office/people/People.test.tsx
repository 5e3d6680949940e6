import { screen, waitFor, within } from "@testing-library/react";
import axe from "axe-core";
import { describe, expect, it } from "vitest";
import type { Person } from "@/protocol/generated/Person";
import type { PersonSummary } from "@/protocol/generated/PersonSummary";
import { director, openApp, page, Refused, teacher } from "@/test/app";

const school = { code: "TH-15", name: "Trường TH Yên Hòa" };
const other = { code: "TH-16", name: "Trường TH Tri Lễ" };

const listed = (id: string, name: string): PersonSummary => ({
	id,
	code: `4150-${id}`,
	name,
	form_of_address: "Bà",
	appointments: [{ unit: school, position: "Giáo viên" }],
	has_account: false,
});

const person: Person = {
	id: "p1",
	code: "4150-0117",
	name: "Quang Thị Ha",
	form_of_address: "Bà",
	email: "ha@so.example.vn",
	etag: '"3"',
	appointments: [
		{
			id: "a1",
			unit: school,
			position: "Giáo viên",
			subject: "Toán",
			from: "2025-08-15",
			to: null,
			may: ["end_appointment"],
		},
		{
			id: "a0",
			unit: other,
			position: "Nhân viên",
			subject: null,
			from: "2020-01-01",
			to: "2025-08-14",
			may: [],
		},
	],
	has_account: true,
	erased_at_us: null,
	may: ["edit_person", "appoint_person"],
};

const answers = {
	"GET me": director,
	"GET people/units": page([school, other]),
	"GET people/p1": person,
};

describe("the list of people", () => {
	it("shows page after page, and looks for what is typed", async () => {
		const { user, sent, address } = await openApp("/people", {
			...answers,
			"GET people": (_: unknown, url: URL) => {
				if (url.searchParams.get("q")) return page([listed("3", "Đỗ Đức")]);
				return url.searchParams.get("cursor") === "c"
					? page([listed("2", "Vi Thị Bình")])
					: { items: [listed("1", "Lô Thị An")], next: "c" };
			},
		});
		const row = (await screen.findByText("Lô Thị An")).closest("li");
		expect(row).toHaveTextContent("4150-1");
		expect(row).toHaveTextContent("Trường TH Yên Hòa");
		expect(row).toHaveTextContent("Chưa có");
		await user.click(screen.getByRole("button", { name: "Xem thêm" }));
		expect(await screen.findByText("Vi Thị Bình")).toBeVisible();
		expect(screen.getByText("2 người")).toBeVisible();
		await user.type(
			screen.getByRole("searchbox", { name: "Tìm theo tên hoặc mã" }),
			"do duc",
		);
		expect(await screen.findByText("Đỗ Đức")).toBeVisible();
		await waitFor(() => expect(screen.queryByText("Lô Thị An")).toBeNull());
		expect(address()).toBe("/people?q=do+duc");
		expect(sent.at(-1)?.query.get("q")).toBe("do duc");
		await user.selectOptions(screen.getByLabelText("Đơn vị"), "TH-16");
		await waitFor(() => expect(sent.at(-1)?.query.get("unit")).toBe("TH-16"));
	});

	it("is for administrators alone, and the server is asked for nothing else", async () => {
		const { sent } = await openApp("/people", { "GET me": teacher });
		expect(
			await screen.findByText("Tài khoản này không quản lý con người"),
		).toBeVisible();
		expect(sent.map(({ request }) => request)).toEqual(["GET me"]);
		expect(screen.queryByRole("link", { name: "Con người" })).toBeNull();
	});
});

describe("somebody's page", () => {
	it("tells where they sit and sat, and keeps the accessibility rules", async () => {
		const { container } = await openApp("/people/p1", answers);
		await screen.findByRole("heading", { name: "Quang Thị Ha", level: 1 });
		const lines = within(
			screen.getByRole("region", { name: "Phân công" }),
		).getAllByRole("listitem");
		expect(lines[0]).toHaveTextContent("Môn Toán, từ 15/08/2025");
		expect(lines[1]).toHaveTextContent("01/01/2020 đến 14/08/2025");
		expect(lines[1]).toHaveTextContent("đã thôi");
		expect(screen.getAllByRole("button", { name: /^Cho thôi/ })).toHaveLength(
			1,
		);
		expect(screen.getByText("Có tài khoản đang dùng")).toBeVisible();
		const { violations } = await axe.run(container, {
			rules: { "color-contrast": { enabled: false } },
		});
		expect(violations.map(({ id }) => id)).toEqual([]);
	});

	it("shows what somebody else changed meanwhile, and keeps what was typed", async () => {
		let tries = 0;
		const { user, bodies } = await openApp("/people/p1", {
			...answers,
			"PUT people/p1": (body: unknown) => {
				tries += 1;
				return tries === 1
					? new Refused(412, "changed_meanwhile", {
							etag: '"4"',
							name: "Quang Thị Hạ",
							code: "4150-0117",
							form_of_address: "Bà",
							email: "ha2@so.example.vn",
						})
					: { ...person, ...(body as object), etag: '"5"' };
			},
		});
		await user.click(await screen.findByRole("button", { name: "Sửa" }));
		const name = screen.getByLabelText("Họ và tên");
		await user.clear(name);
		await user.type(name, "Quang Thị Hà");
		await user.click(screen.getByRole("button", { name: "Lưu" }));
		expect(await screen.findByRole("alert")).toHaveTextContent(
			"Bây giờ là: Bà, Quang Thị Hạ, 4150-0117, ha2@so.example.vn",
		);
		expect(name).toHaveValue("Quang Thị Hà");
		await user.click(
			screen.getByRole("button", { name: "Lưu đè bằng chữ vừa gõ" }),
		);
		expect(
			await screen.findByRole("heading", { name: "Quang Thị Hà", level: 1 }),
		).toBeVisible();
		expect(bodies("PUT people/p1")[1]).toEqual({
			name: "Quang Thị Hà",
			code: "4150-0117",
			form_of_address: "Bà",
			email: "ha@so.example.vn",
		});
	});

	it("ends an appointment with its last day, which the calendar must have", async () => {
		const { user, bodies } = await openApp("/people/p1", {
			...answers,
			"POST people/p1/appointments/a1/end": person,
		});
		await user.click(
			await screen.findByRole("button", { name: /^Cho thôi Giáo viên/ }),
		);
		const day = await screen.findByLabelText("Ngày cuối còn giữ chức vụ");
		await user.clear(day);
		await user.type(day, "31/02/2027");
		await user.click(screen.getByRole("button", { name: "Ghi ngày thôi" }));
		expect(screen.getByText(/không có trên lịch/)).toBeVisible();
		await user.clear(day);
		await user.type(day, "28/2/2027");
		await user.click(screen.getByRole("button", { name: "Ghi ngày thôi" }));
		await waitFor(() =>
			expect(bodies("POST people/p1/appointments/a1/end")).toEqual([
				{ last_day: "2027-02-28" },
			]),
		);
	});
});

describe("adding somebody", () => {
	it("asks whether a namesake is the same person before anything is written", async () => {
		const { user, bodies, address } = await openApp("/people/new", {
			...answers,
			"POST people": (body: unknown) =>
				(body as { is_namesake: boolean }).is_namesake
					? person
					: new Refused(409, "namesake", {
							id: "p9",
							name: "Lô Thị Hằng",
							code: "4150-0044",
						}),
		});
		await user.type(await screen.findByLabelText("Họ và tên"), "Lô Thị Hằng");
		await user.click(screen.getByRole("button", { name: "Thêm người" }));
		expect(screen.getByText("Chọn đơn vị.")).toBeVisible();
		expect(screen.getByText("Viết chức vụ.")).toBeVisible();
		expect(bodies("POST people")).toEqual([]);
		await user.selectOptions(screen.getByLabelText("Đơn vị"), "TH-15");
		await user.type(screen.getByLabelText("Chức vụ"), "Giáo viên");
		const from = screen.getByLabelText("Từ ngày");
		await user.clear(from);
		await user.type(from, "1/9/2026");
		await user.click(screen.getByRole("button", { name: "Thêm người" }));
		expect(await screen.findByRole("alert")).toHaveTextContent("4150-0044");
		expect(
			screen.getByRole("link", { name: "Mở trang người đã có" }),
		).toHaveAttribute("href", "/people/p9");
		await user.click(
			screen.getByRole("button", { name: "Là người khác, cứ thêm" }),
		);
		await waitFor(() => expect(address()).toBe("/people/p1"));
		expect(bodies("POST people")[1]).toEqual({
			name: "Lô Thị Hằng",
			appointment: {
				unit: "TH-15",
				position: "Giáo viên",
				from: "2026-09-01",
			},
			is_namesake: true,
		});
	});
});
