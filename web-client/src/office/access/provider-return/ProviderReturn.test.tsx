import { screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { openApp, page, Refused, teacher } from "@/test/app";

describe("coming back from the provider", () => {
	it("signs in once with what stands in the address, and goes to the page that was asked for", async () => {
		let known = false;
		const { address, bodies } = await openApp(
			"/sign-in/provider?state=s1&code=c1&iss=https%3A%2F%2Fsso.example.vn",
			{
				"GET me": () => (known ? teacher : null),
				"POST sign-in/provider/finish": () => {
					known = true;
					return { me: teacher, second_step: null, next: "/classes" };
				},
				"GET classes": page([]),
			},
		);
		expect(await screen.findByText("Chưa có lớp nào")).toBeVisible();
		expect(address()).toBe("/classes");
		expect(bodies("POST sign-in/provider/finish")).toEqual([
			{ state: "s1", code: "c1", error: null, iss: "https://sso.example.vn" },
		]);
	});

	it("asks for the second factor that the provider did not see", async () => {
		const { user, address, bodies } = await openApp(
			"/sign-in/provider?state=s1&code=c1",
			{
				"POST sign-in/provider/finish": {
					me: null,
					second_step: { challenge: "c2", expires_at_us: 0 },
					next: "/classes",
				},
				"POST sign-in/second": { me: teacher, recovery_codes_left: null },
				"GET me": teacher,
				"GET classes": page([]),
			},
		);
		await user.type(await screen.findByLabelText("Mã 6 số"), "123456");
		await user.click(screen.getByRole("button", { name: "Xác nhận" }));
		expect(await screen.findByText("Chưa có lớp nào")).toBeVisible();
		expect(address()).toBe("/classes");
		expect(bodies("POST sign-in/second")).toEqual([
			{ challenge: "c2", code: "123456" },
		]);
	});

	it("says that nobody is linked, and leads back to the sign-in", async () => {
		const { user, address } = await openApp(
			"/sign-in/provider?state=s1&code=123",
			{
				"POST sign-in/provider/finish": new Refused(401, "identity_unknown"),
			},
		);
		expect(await screen.findByText(/chưa liên kết với ai/)).toBeVisible();
		await user.click(screen.getByRole("link", { name: "Về trang đăng nhập" }));
		expect(await screen.findByLabelText("Mật khẩu")).toBeVisible();
		expect(address()).toBe("/sign-in");
	});

	it("leads whoever could not link back to their account", async () => {
		const { bodies } = await openApp(
			"/sign-in/provider?state=s1&error=access_denied",
			{
				"POST sign-in/provider/finish": new Refused(409, "identity_taken"),
			},
		);
		expect(
			await screen.findByRole("link", { name: "Về tài khoản của tôi" }),
		).toBeVisible();
		expect(bodies("POST sign-in/provider/finish")).toEqual([
			{ state: "s1", code: null, error: "access_denied", iss: null },
		]);
	});
});
