import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { UnitFileReading } from "@/protocol/generated/UnitFileReading";
import { director, openApp } from "@/test/app";
import { readText } from "./readText";

const me = {
	...director,
	may: [...director.may, "list_units" as const, "change_units" as const],
};
const refused: UnitFileReading = {
	rows: [
		{ line: 2, code: "TR-1", name: "Trường 1", outcome: "new", fault: null },
		{ line: 3, code: "TR-2", name: null, outcome: "refused", fault: "no_name" },
	],
	effect: null,
};
const whole: UnitFileReading = {
	rows: [
		{ line: 2, code: "TR-1", name: "Trường 1", outcome: "new", fault: null },
	],
	effect: { rows: 2, units: [], moved: [] },
};

describe("a file of units", () => {
	it("shows each refused row first with its reason, and is written only when it is mended", async () => {
		const { user, bodies, address } = await openApp("/units/import", {
			"GET me": me,
			"POST unit-changes/import/preview": (body: unknown) =>
				(body as { text: string }).text.includes("TR-2") ? refused : whole,
			"POST unit-changes/import": { id: "1", day: "2026-11-17" },
		});
		const input = await screen.findByLabelText("Chọn tệp CSV");
		const bad = new File(["code,name\nTR-1,Trường 1\nTR-2,\n"], "don-vi.csv");
		await user.upload(input, bad);
		const rows = within(await screen.findByRole("table")).getAllByRole("row");
		expect(rows[1]).toHaveTextContent("Đơn vị mới chưa có tên");
		expect(screen.getByText(/Còn 1 dòng chưa nhận được/)).toBeVisible();
		await user.type(screen.getByLabelText("Số, ký hiệu văn bản"), "5/QĐ");
		await user.type(screen.getByLabelText("Trích yếu"), "Thêm trường");
		expect(
			screen.getByRole("button", { name: "Ghi quyết định" }),
		).toBeDisabled();
		const mended = new File(["code,name\nTR-1,Trường 1\n"], "don-vi.csv");
		await user.upload(input, mended);
		await user.click(
			await screen.findByRole("button", { name: "Ghi quyết định, 2 dòng" }),
		);
		await waitFor(() =>
			expect(bodies("POST unit-changes/import")).toMatchObject([
				{ document: "5/QĐ", text: "code,name\nTR-1,Trường 1\n" },
			]),
		);
		await waitFor(() => expect(address()).toMatch(/^\/units\?day=/));
	});

	it("is read in the encodings that spreadsheets write, and a workbook is told", async () => {
		const utf16 = new Uint8Array([0xff, 0xfe, 0x61, 0x00, 0x6d, 0x01]);
		expect(await readText(new Blob([utf16]))).toBe("aŭ");
		// "Trường" in windows-1258: a horn letter, then its mark.
		const legacy = new Uint8Array([0x54, 0x72, 0xfd, 0xf5, 0xcc, 0x6e, 0x67]);
		expect(await readText(new Blob([legacy]))).toBe("Trường");
		expect(await readText(new Blob(["Trường"]))).toBe("Trường");
		expect(await readText(new Blob(["PK\u0003\u0004"]))).toBeNull();
	});
});
