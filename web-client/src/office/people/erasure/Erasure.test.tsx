import { screen, within } from "@testing-library/react";
import axe from "axe-core";
import { describe, expect, it } from "vitest";
import type { Erasure } from "@/protocol/generated/Erasure";
import type { ErasurePreview } from "@/protocol/generated/ErasurePreview";
import type { ErasureReport } from "@/protocol/generated/ErasureReport";
import type { Person } from "@/protocol/generated/Person";
import { director, openApp, page } from "@/test/app";

const person: Person = {
	id: "p1",
	code: "4150-0117",
	name: "Quang Thị Hà",
	form_of_address: "Bà",
	email: null,
	etag: '"3"',
	appointments: [],
	has_account: true,
	erased_at_us: null,
	may: ["export_personal_data", "erase_person"],
};

const report: ErasureReport = {
	deleted: [
		{ table: "audit_log", rows: 14 },
		{ table: "table_of_tomorrow", rows: 2 },
	],
	kept: [{ what: "appointments", rows: 3 }],
	recordings: [
		{
			session: "GB-1026",
			began_at_us: 1_790_000_000_000_000,
			keep_until_us: 1_825_000_000_000_000,
			on_hold: false,
		},
	],
};

const preview: ErasurePreview = {
	to_type: "4150-0117",
	report,
	is_last_administrator: false,
	namesakes: 2,
};

const erasure: Erasure = {
	at_us: 1_795_000_000_000_000,
	finished_at_us: 1_795_000_100_000_000,
	report,
};

const answers = {
	"GET me": director,
	"GET people/units": page([]),
	"GET people/p1": person,
	"GET people/p1/erasure/preview": preview,
	"GET people/p1/erasure": erasure,
};

describe("deleting somebody's data", () => {
	it("says what goes and what stays, and waits for the code", async () => {
		let erased = false;
		const { user, bodies, container, address } = await openApp(
			"/people/p1/erase",
			{
				...answers,
				"GET people/p1": () =>
					erased
						? {
								...person,
								name: "Người đã xóa dữ liệu",
								code: null,
								erased_at_us: erasure.at_us,
							}
						: person,
				"POST people/p1/erasure": () => {
					erased = true;
					return erasure;
				},
			},
		);
		const goes = await screen.findByRole("region", { name: "Sẽ xóa" });
		expect(goes).toHaveTextContent("Tên, tên đăng nhập trong chi tiết nhật ký");
		expect(goes).toHaveTextContent("14 dòng");
		expect(goes).toHaveTextContent("table_of_tomorrow");
		const stays = screen.getByRole("region", {
			name: "Giữ lại, và vì sao",
		});
		expect(stays).toHaveTextContent("báo cáo đếm số người");
		expect(
			screen.getByRole("region", { name: /^Bản ghi có hình/ }),
		).toHaveTextContent("GB-1026");
		expect(screen.getByText(/Có 2 người khác cùng tên/)).toBeVisible();
		const key = screen.getByRole("button", { name: "Xóa dữ liệu cá nhân" });
		const field = screen.getByLabelText("Gõ 4150-0117 để xác nhận");
		await user.type(field, "4150-011");
		expect(key).toBeDisabled();
		await user.type(field, "7");
		const { violations } = await axe.run(container, {
			rules: { "color-contrast": { enabled: false } },
		});
		expect(violations.map(({ id }) => id)).toEqual([]);
		await user.click(key);
		expect(await screen.findByRole("region", { name: "Đã xóa" })).toBeVisible();
		expect(address()).toBe("/people/p1");
		expect(bodies("POST people/p1/erasure")).toEqual([{ typed: "4150-0117" }]);
		expect(screen.getByRole("link", { name: "Tải biên bản" })).toHaveAttribute(
			"href",
			"/api/v1/people/p1/erasure/file",
		);
		expect(screen.queryByRole("region", { name: "Phân công" })).toBeNull();
	});

	it("is refused for the last administrator before anything is typed", async () => {
		await openApp("/people/p1/erase", {
			...answers,
			"GET people/p1/erasure/preview": {
				...preview,
				is_last_administrator: true,
			},
		});
		expect(await screen.findByText(/quản trị cấp sở cuối cùng/)).toBeVisible();
		expect(screen.queryByLabelText(/^Gõ/)).toBeNull();
	});

	it("is offered, like the file of what is kept, to whom the server lets", async () => {
		await openApp("/people/p1", answers);
		const part = await screen.findByRole("region", { name: "Dữ liệu cá nhân" });
		expect(
			within(part).getByRole("link", { name: "Xuất dữ liệu" }),
		).toHaveAttribute("href", "/api/v1/people/p1/personal-data");
		expect(
			within(part).getByRole("link", { name: "Xóa dữ liệu…" }),
		).toHaveAttribute("href", "/people/p1/erase");
	});
});
