import { screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { director, openApp, Refused } from "@/test/app";

const fresh = { needed: true, unit: null };

type User = Awaited<ReturnType<typeof openApp>>["user"];

async function fillIn(user: User) {
	for (const [label, text] of [
		["Mã dùng một lần", "sen lua tre ho doi tet"],
		["Tên Sở", "Sở GD&ĐT Hoan Châu"],
		["Họ và tên", "Bùi Thị Hạnh Nguyên"],
		["Tên tài khoản", "nguyen.bui"],
		["Mật khẩu", "hoa ban trang"],
		["Nhập lại mật khẩu", "hoa ban trang"],
	] as const) {
		await user.type(await screen.findByLabelText(label), text);
	}
	await user.click(
		screen.getByRole("button", { name: "Tạo quản trị đầu tiên" }),
	);
}

describe("the first day", () => {
	it("begins where anybody would sign in, and ends signed in as the administrator", async () => {
		let begun = false;
		const { user, bodies, address } = await openApp("/", {
			"GET me": () => (begun ? director : null),
			"GET first-day": () => (begun ? { needed: false, unit: null } : fresh),
			"POST first-day": () => {
				begun = true;
				return director;
			},
			"GET guide": { is_open: true, is_closed: false, steps: [] },
		});
		await fillIn(user);
		expect(
			await screen.findByRole("heading", { name: "Ngày đầu" }),
		).toBeVisible();
		expect(address()).toBe("/guide");
		expect(bodies("POST first-day")).toEqual([
			{
				code: "sen lua tre ho doi tet",
				unit: "Sở GD&ĐT Hoan Châu",
				name: "Bùi Thị Hạnh Nguyên",
				login: "nguyen.bui",
				password: "hoa ban trang",
			},
		]);
	});

	it("says beside the code that it is not the one that the server printed", async () => {
		const { user } = await openApp("/first-day", {
			"GET first-day": fresh,
			"POST first-day": new Refused(401, "wrong_first_code"),
		});
		await fillIn(user);
		expect(await screen.findByText(/^Mã này không phải mã/)).toBeVisible();
		expect(screen.getByLabelText("Mã dùng một lần")).toBeInvalid();
	});

	it("is over when somebody has an account", async () => {
		await openApp("/first-day", {
			"GET first-day": { needed: false, unit: null },
		});
		expect(await screen.findByText(/^Máy chủ đã có quản trị/)).toBeVisible();
		expect(screen.queryByRole("textbox")).toBeNull();
	});
});
