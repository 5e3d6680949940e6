import { screen, waitFor, within } from "@testing-library/react";
import axe from "axe-core";
import { describe, expect, it } from "vitest";
import type { ImportRow } from "@/protocol/generated/ImportRow";
import type { PeopleImport } from "@/protocol/generated/PeopleImport";
import { director, openApp, page, Refused } from "@/test/app";

const one: PeopleImport = {
	id: "i1",
	file_name: "ds.xlsx",
	sheet: "Danh sách",
	header_row: 3,
	columns: [
		{ header: "Mã", column: "code", example: "31" },
		{ header: "Tên GV", column: "name", example: "Vi Văn Tám" },
		{ header: "Nơi làm", column: null, example: "TH-15" },
	],
	state: "ready",
	created_at_us: 1_795_334_400_000_000,
	rows: 4,
	new: 1,
	changed: 1,
	same: 1,
	refused: 1,
	written: 0,
	refused_later: 0,
	lost_zeros: { rows: 1, width: 4, example: "31" },
	short_codes: "ask",
	may: ["correct_import", "apply_import"],
};

const row = (more: Partial<ImportRow>): ImportRow => ({
	number: 4,
	name: "Vi Văn Tám",
	code: "31",
	unit: "TH-15",
	position: "Giáo viên",
	verdict: "new",
	result: null,
	changes: [],
	faults: [],
	...more,
});

const answers = {
	"GET me": director,
	"GET people-imports/i1": one,
	"GET people-imports/i1/rows": (_: unknown, url: URL) =>
		page(
			url.searchParams.get("verdict") === "refused"
				? [
						row({
							number: 27,
							verdict: "refused",
							faults: [
								{
									code: "ends_before_it_begins",
									params: { from: "2026-09-01", to: "2026-08-31" },
								},
							],
						}),
					]
				: [
						row({
							number: 9,
							verdict: "changed",
							changes: [
								{ column: "position", before: "Giáo viên", after: "Tổ trưởng" },
								{ column: "from", before: null, after: "2026-09-01" },
							],
						}),
					],
		),
};

describe("a list of people", () => {
	it("is sent as it is and opens what it would change", async () => {
		const { user, sent, address } = await openApp("/people/imports", {
			...answers,
			"GET people-imports": page([]),
			"POST people-imports": one,
		});
		expect(await screen.findByText("Chưa nhập lần nào.")).toBeVisible();
		expect(screen.getByRole("link", { name: "Tải tệp mẫu" })).toHaveAttribute(
			"href",
			"/api/v1/people-imports/template",
		);
		const file = new File(["Họ tên;Đơn vị"], "giáo viên.csv");
		await user.upload(
			screen.getByLabelText("Chọn tệp", { selector: "input" }),
			file,
		);
		await waitFor(() => expect(address()).toBe("/people/imports/i1"));
		const post = sent.find(({ request }) => request === "POST people-imports");
		expect(post?.query.get("name")).toBe("giáo viên.csv");
	});

	it("says in words why a file is none", async () => {
		const { user } = await openApp("/people/imports", {
			...answers,
			"GET people-imports": page([]),
			"POST people-imports": new Refused(400, "unreadable_file", {
				reason: "old_workbook",
			}),
		});
		await user.upload(
			await screen.findByLabelText("Chọn tệp", { selector: "input" }),
			new File(["x"], "cu.xlsx"),
		);
		expect(await screen.findByRole("alert")).toHaveTextContent(".xls");
	});

	it("shows each row's change or reason, and counts what the key will write", async () => {
		const { user, container, bodies } = await openApp("/people/imports/i1", {
			...answers,
			"POST people-imports/i1/apply": {
				...one,
				state: "done",
				written: 2,
				may: [],
			},
		});
		// Refused rows come first.
		expect(
			await screen.findByText(
				"Ngày thôi 31/08/2026 trước ngày vào 01/09/2026.",
			),
		).toBeVisible();
		expect(
			screen.getByRole("link", { name: "Tải các dòng lỗi kèm lý do" }),
		).toHaveAttribute("href", "/api/v1/people-imports/i1/faults");
		await user.click(screen.getByLabelText("Thay đổi 1"));
		const changed = (await screen.findByText("Tổ trưởng")).closest("li");
		expect(changed).toHaveTextContent("Giáo viên");
		expect(changed).toHaveTextContent("01/09/2026");
		const { violations } = await axe.run(container, {
			rules: { "color-contrast": { enabled: false } },
		});
		expect(violations.map(({ id }) => id)).toEqual([]);
		await user.click(screen.getByRole("button", { name: /^Ghi 2 dòng/ }));
		expect(await screen.findByText(/Đã ghi 2 dòng/)).toBeVisible();
		expect(bodies("POST people-imports/i1/apply")).toHaveLength(1);
	});

	it("asks what became of lost zeros, and takes another word for a column", async () => {
		const { user, bodies } = await openApp("/people/imports/i1", {
			...answers,
			"PUT people-imports/i1/columns": one,
		});
		await user.click(await screen.findByLabelText("Thêm số 0 ở đầu"));
		await user.click(screen.getByRole("button", { name: "Ghép cột: 2/3" }));
		await user.selectOptions(screen.getByLabelText("Nơi làm"), "unit");
		await user.click(screen.getByRole("button", { name: "Xem lại" }));
		await waitFor(() =>
			expect(bodies("PUT people-imports/i1/columns")).toEqual([
				{ columns: ["code", "name", null], short_codes: "pad" },
				{ columns: ["code", "name", "unit"], short_codes: "ask" },
			]),
		);
	});

	it("tells how far it is written, and can be stopped", async () => {
		const { user, bodies } = await openApp("/people/imports/i1", {
			...answers,
			"GET people-imports/i1": {
				...one,
				state: "applying",
				written: 1,
				may: ["cancel_import"],
			},
			"POST people-imports/i1/cancel": {
				...one,
				state: "applying",
				written: 1,
				may: [],
			},
		});
		expect(await screen.findByText(/Đã ghi 1 trên 2 dòng/)).toBeVisible();
		const bar = screen.getByRole("progressbar");
		expect(
			within(bar.parentElement as HTMLElement).getByRole("status"),
		).toBeVisible();
		await user.click(screen.getByRole("button", { name: "Dừng" }));
		expect(await screen.findByText(/Đang dừng/)).toBeVisible();
		expect(bodies("POST people-imports/i1/cancel")).toHaveLength(1);
	});
});
