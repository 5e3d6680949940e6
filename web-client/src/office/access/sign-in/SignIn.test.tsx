import { screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
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
		expect(sent.map(({ request }) => request)).toEqual(["GET first-day"]);
	});

	it("tells a silent server from a wrong password", async () => {
		const { user } = await openApp("/sign-in", { "POST sign-in": silence });
		await fillIn(user, "dung");
		expect(await screen.findByText(/Máy chủ không trả lời/)).toBeVisible();
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
