import { screen, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { openApp, page, Refused, silence, teacher } from "@/test/app";

const password = () => screen.findByLabelText("Mật khẩu");

async function fillIn(
	user: Awaited<ReturnType<typeof openApp>>["user"],
	secret: string,
) {
	await user.type(await screen.findByLabelText("Tài khoản"), "hoai.vi");
	await user.type(await password(), secret);
	await user.click(screen.getByRole("button", { name: "Đăng nhập" }));
}

afterEach(() => vi.restoreAllMocks());

/** The answer to a password where a second factor is on. */
const halfway = { challenge: "c1", expires_at_us: 0 };

describe("signing in", () => {
	it("leads a stranger to the sign-in, and then to the page that was asked for", async () => {
		let known = false;
		const { user, address } = await openApp("/classes", {
			"GET me": () => (known ? teacher : null),
			"POST sign-in": () => {
				known = true;
				return teacher;
			},
			"GET classes": page([]),
		});
		await fillIn(user, "dung");
		expect(await screen.findByText("Chưa có lớp nào")).toBeVisible();
		expect(address()).toBe("/classes");
	});

	it("says that account or password are wrong, beside the field", async () => {
		const { user } = await openApp("/sign-in", {
			"POST sign-in": new Refused(401, "wrong_password"),
		});
		await fillIn(user, "sai");
		expect(
			await screen.findByText(/Tài khoản hoặc mật khẩu chưa đúng/),
		).toBeVisible();
		expect(await password()).toBeInvalid();
	});

	it("asks for what is missing before it sends anything", async () => {
		const { user, sent } = await openApp("/sign-in", {});
		await user.click(await screen.findByRole("button", { name: "Đăng nhập" }));
		expect(screen.getByText("Nhập mật khẩu")).toBeVisible();
		expect(sent.map(({ request }) => request).sort()).toEqual([
			"GET first-day",
			"GET sign-in/provider",
		]);
	});

	it("tells a silent server from a wrong password", async () => {
		const { user } = await openApp("/sign-in", { "POST sign-in": silence });
		await fillIn(user, "dung");
		expect(await screen.findByText(/Máy chủ không trả lời/)).toBeVisible();
	});

	it("offers the provider where there is one, and leaves for its page", async () => {
		const leave = vi
			.spyOn(window.location, "assign")
			.mockImplementation(() => undefined);
		const { user, bodies } = await openApp("/sign-in?next=/classes", {
			"GET sign-in/provider": {
				name: "Đăng nhập bằng tài khoản Sở",
				down: false,
			},
			"POST sign-in/provider": { address: "https://sso.example.vn/page?x=1" },
		});
		await user.click(
			await screen.findByRole("button", {
				name: "Đăng nhập bằng tài khoản Sở",
			}),
		);
		await waitFor(() =>
			expect(leave).toHaveBeenCalledWith("https://sso.example.vn/page?x=1"),
		);
		expect(bodies("POST sign-in/provider")).toEqual([{ next: "/classes" }]);
	});

	it("says that the provider is down, and lets in by the password", async () => {
		const { user, address } = await openApp("/sign-in?next=/classes", {
			"GET sign-in/provider": {
				name: "Đăng nhập bằng tài khoản Sở",
				down: false,
			},
			"POST sign-in/provider": new Refused(424, "provider_down"),
			"POST sign-in": teacher,
			"GET me": teacher,
			"GET classes": page([]),
		});
		await user.click(
			await screen.findByRole("button", {
				name: "Đăng nhập bằng tài khoản Sở",
			}),
		);
		expect(await screen.findByText(/đang không trả lời/)).toBeVisible();
		await user.type(await screen.findByLabelText("Tài khoản"), "hoai.vi");
		await user.type(await password(), "dung");
		await user.click(screen.getByRole("button", { name: "Đăng nhập" }));
		expect(await screen.findByText("Chưa có lớp nào")).toBeVisible();
		expect(address()).toBe("/classes");
	});

	it("knows before the press that the provider is down", async () => {
		await openApp("/sign-in", {
			"GET sign-in/provider": {
				name: "Đăng nhập bằng tài khoản Sở",
				down: true,
			},
		});
		expect(await screen.findByText(/đang không trả lời/)).toBeVisible();
	});

	it("asks for six digits where a second factor is on, says what is wrong with them, and leads on", async () => {
		let answer: unknown = new Refused(422, "phone_clock_off", {
			reason: "behind",
			minutes: "2",
		});
		const { user, bodies, address } = await openApp(
			"/sign-in?next=%2Fclasses",
			{
				"POST sign-in": halfway,
				"POST sign-in/second": () => answer,
				"GET me": teacher,
				"GET classes": page([]),
			},
		);
		await fillIn(user, "dung");
		const field = await screen.findByLabelText("Mã 6 số");
		expect(field).toHaveAttribute("inputmode", "numeric");
		expect(field).toHaveAttribute("autocomplete", "one-time-code");
		expect(field).toHaveFocus();
		const key = screen.getByRole("button", { name: "Xác nhận" });
		await user.type(field, "12345");
		await user.click(key);
		expect(screen.getByText(/^Nhập đủ 6 chữ số/)).toBeVisible();
		expect(bodies("POST sign-in/second")).toEqual([]);
		await user.type(field, "6");
		await user.click(key);
		expect(
			await screen.findByText(
				/^Đồng hồ của điện thoại chạy chậm khoảng 2 phút\./,
			),
		).toBeVisible();
		expect(field).toBeInvalid();
		answer = { me: teacher, recovery_codes_left: null };
		await user.click(key);
		expect(await screen.findByText("Chưa có lớp nào")).toBeVisible();
		expect(address()).toBe("/classes");
		expect(bodies("POST sign-in/second").at(-1)).toEqual({
			challenge: "c1",
			code: "123456",
		});
	});

	it("takes a recovery code, and says how many are left before it leads on", async () => {
		const { user, bodies } = await openApp("/sign-in", {
			"POST sign-in": halfway,
			"POST sign-in/second": { me: teacher, recovery_codes_left: 2 },
			"GET me": teacher,
			"GET sessions": page([]),
		});
		await fillIn(user, "dung");
		await user.click(
			await screen.findByRole("button", { name: /^Không có điện thoại/ }),
		);
		await user.type(screen.getByLabelText("Mã dự phòng"), "7kq4-mw2p xh3r");
		await user.click(screen.getByRole("button", { name: "Xác nhận" }));
		expect(await screen.findByText(/Còn 2 mã dự phòng/)).toBeVisible();
		expect(bodies("POST sign-in/second")).toEqual([
			{ challenge: "c1", code: "7kq4-mw2p xh3r" },
		]);
		await user.click(screen.getByRole("button", { name: "Tiếp tục" }));
		expect(await screen.findByText("Hôm nay không có phiên nào")).toBeVisible();
	});

	it("begins again when the second step took too long", async () => {
		const { user } = await openApp("/sign-in", {
			"POST sign-in": halfway,
			"POST sign-in/second": new Refused(401, "second_step_over"),
		});
		await fillIn(user, "dung");
		await user.type(await screen.findByLabelText("Mã 6 số"), "123456");
		await user.click(screen.getByRole("button", { name: "Xác nhận" }));
		expect(await screen.findByText(/^Quá thời gian nhập mã/)).toBeVisible();
		await user.click(
			screen.getByRole("button", { name: "Đăng nhập lại từ đầu" }),
		);
		expect(await password()).toHaveValue("");
	});

	it("does not lead to another site", async () => {
		const { user, address } = await openApp("/sign-in?next=//evil.example", {
			"POST sign-in": teacher,
			"GET me": teacher,
			"GET sessions": page([]),
		});
		await fillIn(user, "dung");
		expect(await screen.findByText("Hôm nay không có phiên nào")).toBeVisible();
		expect(address()).toBe("/");
	});

	it("speaks English when asked to", async () => {
		const { user } = await openApp("/sign-in", {});
		await user.click(await screen.findByRole("button", { name: "English" }));
		expect(
			await screen.findByRole("heading", { name: "Sign in" }),
		).toBeVisible();
		expect(document.documentElement.lang).toBe("en");
	});
});
