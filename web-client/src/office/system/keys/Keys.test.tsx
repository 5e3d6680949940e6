import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { ApiKey } from "@/protocol/generated/ApiKey";
import type { Me } from "@/protocol/generated/Me";
import { director, openApp, page, Refused, teacher } from "@/test/app";
import { at } from "@/test/session";

const chief: Me = { ...director, may: [...director.may, "manage_keys"] };
const admin: Me = {
	...teacher,
	may: ["keep_own_account", "manage_people", "manage_keys"],
};
const unit = { code: "XA-01", name: "UBND xã Kim Sơn" };
const key = (more: Partial<ApiKey> = {}): ApiKey => ({
	id: "0192",
	name: "Phần mềm học bạ",
	unit,
	scopes: ["people:read", "sessions:read"],
	state: "active",
	made_by: "Đậu Quang Lĩnh",
	made_at_us: at("2026-11-16T02:00"),
	expires_at_us: at("2027-05-16T00:00"),
	last_used_us: null,
	revoked_at_us: null,
	may: ["revoke_key"],
	...more,
});

describe("keys of other systems", () => {
	it("say what each may do and how it stands", async () => {
		await openApp("/system/keys", {
			"GET me": chief,
			"GET people/units": page([unit]),
			"GET api-keys": page([
				key(),
				key({ id: "0191", name: "LMS", state: "maker_gone" }),
			]),
		});
		const [, first, second] = await screen.findAllByRole("row");
		expect(first).toHaveTextContent("Xem người và chức vụ");
		expect(first).toHaveTextContent("Dùng được");
		expect(first).toHaveTextContent("Hạn 15/05/2027");
		expect(first).toHaveTextContent("Chưa dùng");
		expect(second).toHaveTextContent(
			"Người tạo không còn quản trị đơn vị này.",
		);
	});

	it("are made for a unit with chosen scopes, and shown once", async () => {
		const { user, bodies } = await openApp("/system/keys", {
			"GET me": admin,
			"GET people/units": page([unit]),
			"GET api-keys": page([]),
			"POST api-keys": { key: key(), secret: "dc_secret" },
		});
		await user.click(await screen.findByRole("button", { name: "Tạo khóa" }));
		expect(screen.getByText("Ghi tên phần mềm sẽ dùng khóa.")).toBeVisible();
		expect(screen.getByText("Chọn ít nhất một việc.")).toBeVisible();
		expect(bodies("POST api-keys")).toHaveLength(0);
		await user.type(
			screen.getByLabelText("Phần mềm nào dùng khóa này"),
			"Phần mềm học bạ",
		);
		await user.click(screen.getByLabelText("Xem người và chức vụ"));
		expect(screen.queryByLabelText("Xem nhật ký của cả sở")).toBeNull();
		await user.click(screen.getByRole("button", { name: "Tạo khóa" }));
		expect(await screen.findByLabelText("Khóa")).toHaveValue("dc_secret");
		expect(bodies("POST api-keys")).toEqual([
			expect.objectContaining({
				name: "Phần mềm học bạ",
				unit: "XA-01",
				scopes: ["people:read"],
			}),
		]);
		await user.click(screen.getByRole("button", { name: "Đã chép, đóng lại" }));
		expect(screen.queryByDisplayValue("dc_secret")).toBeNull();
	});

	it("are taken back after a question", async () => {
		let state: ApiKey["state"] = "active";
		const { user } = await openApp("/system/keys", {
			"GET me": chief,
			"GET people/units": page([unit]),
			"GET api-keys": () =>
				page([key({ state, may: state === "active" ? ["revoke_key"] : [] })]),
			"DELETE api-keys/0192": () => {
				state = "revoked";
				return undefined;
			},
		});
		await user.click(
			await screen.findByRole("button", {
				name: "Thu hồi khóa của Phần mềm học bạ",
			}),
		);
		const question = within(await screen.findByRole("dialog"));
		await user.click(question.getByTestId("revoke-key"));
		expect(await screen.findByText("Đã thu hồi")).toBeVisible();
	});

	it("say why one was not made", async () => {
		const { user } = await openApp("/system/keys", {
			"GET me": chief,
			"GET people/units": page([unit]),
			"GET api-keys": page([]),
			"POST api-keys": new Refused(403, "scope_not_yours"),
		});
		await user.type(
			await screen.findByLabelText("Phần mềm nào dùng khóa này"),
			"IOC",
		);
		await user.click(screen.getByLabelText("Xem nhật ký của cả sở"));
		await user.click(screen.getByRole("button", { name: "Tạo khóa" }));
		expect(
			await screen.findByText(/Chỉ khóa của cả sở mới xem được nhật ký/),
		).toBeVisible();
	});

	it("are not for those who administer nothing", async () => {
		const { sent } = await openApp("/system/keys", { "GET me": teacher });
		expect(
			await screen.findByText("Tài khoản này không tạo được khóa API"),
		).toBeVisible();
		expect(sent.map(({ request }) => request)).not.toContain("GET api-keys");
	});
});
