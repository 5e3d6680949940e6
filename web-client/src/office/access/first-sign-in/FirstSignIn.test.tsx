import { screen, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { openApp, page, Refused, type Sent, teacher } from "@/test/app";

const path = "/first#login=hoai.vi&code=7KQ4+MW2P";

async function choose(
	user: Awaited<ReturnType<typeof openApp>>["user"],
	wanted: string,
	again = wanted,
) {
	await user.type(await screen.findByLabelText("Mật khẩu mới"), wanted);
	await user.type(screen.getByLabelText("Nhập lại mật khẩu mới"), again);
	await user.click(
		screen.getByRole("button", { name: "Đặt mật khẩu và đăng nhập" }),
	);
}

/** What was asked besides whether there is a provider of sign-ins. */
const asked = (sent: Sent[]) =>
	sent.filter(({ request }) => request !== "GET sign-in/provider");

afterEach(() => vi.restoreAllMocks());

describe("the first sign-in", () => {
	it("may end in a link with the provider, and ends in one's own account when that fails", async () => {
		const leave = vi
			.spyOn(window.location, "assign")
			.mockImplementation(() => undefined);
		let page: unknown = { address: "https://sso.example.vn/page" };
		const answers = {
			"GET sign-in/provider": {
				name: "Đăng nhập bằng tài khoản Sở",
				down: false,
			},
			"POST sign-in/code": teacher,
			"POST account/external": () => page,
			"GET me": teacher,
		};
		const first = await openApp(path, answers);
		await first.user.click(
			await screen.findByLabelText("Liên kết luôn với tài khoản ngoài"),
		);
		await choose(first.user, "hoa ban trang");
		await waitFor(() =>
			expect(leave).toHaveBeenCalledWith("https://sso.example.vn/page"),
		);
		first.unmount();

		page = new Refused(424, "provider_down");
		const second = await openApp(path, answers);
		await second.user.click(
			await screen.findByLabelText("Liên kết luôn với tài khoản ngoài"),
		);
		await choose(second.user, "hoa ban trang");
		await waitFor(() => expect(second.address()).toBe("/account"));
	});

	it("fills in what a slip's QR code says, and asks the server for nothing before the press", async () => {
		const { user, sent, bodies, address } = await openApp(path, {
			"POST sign-in/code": teacher,
			"GET me": teacher,
			"GET sessions": page([]),
		});
		expect(await screen.findByLabelText("Tài khoản")).toHaveValue("hoai.vi");
		expect(screen.getByLabelText("Mã đăng nhập một lần")).toHaveValue(
			"7KQ4 MW2P",
		);
		expect(asked(sent)).toEqual([]);
		await choose(user, "hoa ban trang");
		expect(await screen.findByText("Hôm nay không có phiên nào")).toBeVisible();
		expect(address()).toBe("/");
		expect(bodies("POST sign-in/code")).toEqual([
			{ login: "hoai.vi", code: "7KQ4 MW2P", password: "hoa ban trang" },
		]);
	});

	it("looks at code and passwords before it spends anything", async () => {
		const { user, sent } = await openApp("/first", {});
		await user.type(await screen.findByLabelText("Tài khoản"), "hoai.vi");
		await user.type(screen.getByLabelText("Mã đăng nhập một lần"), "7KQ4 MW20");
		await choose(user, "hoa ban trang", "hoa ban do");
		expect(screen.getByText(/^Mã có 8 chữ và số/)).toBeVisible();
		expect(
			screen.getByText("Hai lần nhập mật khẩu mới chưa giống nhau"),
		).toBeVisible();
		expect(asked(sent)).toEqual([]);
	});

	it("says beside the field that the code is wrong or was used", async () => {
		const { user } = await openApp(path, {
			"POST sign-in/code": new Refused(401, "wrong_code"),
		});
		await choose(user, "hoa ban trang");
		expect(
			await screen.findByText(/^Tài khoản hoặc mã chưa đúng/),
		).toBeVisible();
		expect(screen.getByLabelText("Mã đăng nhập một lần")).toBeInvalid();
	});
});
