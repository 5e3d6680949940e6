import { screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { director, openApp, page, Refused } from "@/test/app";

const owing = { ...director, owes_second_factor: true, may: [] };

describe("who owes a second factor", () => {
	it("is led to set it up from any page, and then to that page", async () => {
		let me = owing;
		const { user, sent, address } = await openApp("/classes", {
			"GET me": () => me,
			"POST account/second-factor/secret": { secret: "GEZDGNBVGY3TQOJQ" },
			"POST account/second-factor/confirm": () => {
				me = director as typeof owing;
				return { codes: ["7KQ4 MW2P XH3R"] };
			},
			"GET classes": page([]),
		});
		await user.click(await screen.findByRole("button", { name: "Bắt đầu" }));
		expect(sent.map(({ request }) => request)).not.toContain("GET classes");
		await user.type(await screen.findByLabelText("Mã 6 số"), "123456");
		await user.click(
			screen.getByRole("button", { name: "Bật xác thực hai lớp" }),
		);
		expect(await screen.findByText("7KQ4 MW2P XH3R")).toBeVisible();
		await user.click(
			screen.getByRole("button", { name: "Đã cất mã, vào hệ thống" }),
		);
		expect(await screen.findByText("Chưa có lớp nào")).toBeVisible();
		expect(address()).toBe("/classes");
	});

	it("is led there too when a role that demands it was given meanwhile", async () => {
		let me: unknown = director;
		const { address } = await openApp("/classes", {
			"GET me": () => me,
			"GET classes": () => {
				me = owing;
				return new Refused(403, "second_factor_owed");
			},
		});
		expect(
			await screen.findByRole("button", { name: "Bắt đầu" }),
		).toBeVisible();
		expect(address()).toBe("/second-factor?next=%2Fclasses");
	});

	it("may sign out instead", async () => {
		let known = true;
		const { user, address } = await openApp("/", {
			"GET me": () => (known ? owing : null),
			"POST sign-out": () => {
				known = false;
			},
		});
		await user.click(await screen.findByRole("button", { name: "Đăng xuất" }));
		expect(
			await screen.findByRole("heading", { name: "Đăng nhập" }),
		).toBeVisible();
		expect(address()).toBe("/sign-in");
	});
});
