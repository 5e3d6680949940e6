import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { OwnAccount } from "@/protocol/generated/OwnAccount";
import { openApp, Refused, teacher } from "@/test/app";
import { at } from "@/test/session";

const account: OwnAccount = {
	name: "Vi Thị Hoài",
	login: "hoai.vi",
	password_changed_at_us: at("2026-09-05T07:30"),
	places: [
		{
			unit: { code: "TH-15", name: "Trường TH Yên Hòa" },
			position: "Giáo viên",
			from: "2025-07-01",
			to: null,
		},
	],
	roles: [
		{
			id: "g1",
			role: "it_staff",
			unit: { code: "TH-15", name: "Trường TH Yên Hòa" },
			from: "2026-09-01",
			to: "2026-12-31",
			by_provider: false,
		},
	],
	sign_ins: [
		{
			id: "s1",
			browser:
				"Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/142.0.0.0 Safari/537.36",
			address: "10.1.2.3",
			since_us: at("2026-11-17T06:58"),
			last_seen_us: at("2026-11-17T07:40"),
			here: true,
		},
		{
			id: "s2",
			browser:
				"Mozilla/5.0 (Linux; Android 14) Chrome/142.0 Mobile Safari/537.36",
			address: "27.64.0.9",
			since_us: at("2026-11-15T20:14"),
			last_seen_us: at("2026-11-15T20:40"),
			here: false,
		},
		{
			id: "s3",
			browser: null,
			address: null,
			since_us: at("2026-11-14T09:00"),
			last_seen_us: at("2026-11-14T09:00"),
			here: false,
		},
	],
};

const off = {
	since_us: null,
	recovery_codes_left: 0,
	demanded: false,
	asks_password: true,
};

const open = (answers: Record<string, unknown> = {}) =>
	openApp("/account", {
		"GET me": teacher,
		"GET account": account,
		"GET account/second-factor": off,
		...answers,
	});

describe("one's own account", () => {
	it("is found in the menu, and says where one works, what one may and until when", async () => {
		const { user } = await openApp("/classes", {
			"GET me": teacher,
			"GET classes": { items: [], next: null },
			"GET account": account,
		});
		await user.click(
			await screen.findByRole("button", { name: "Tài khoản Vi Thị Hoài" }),
		);
		await user.click(
			await screen.findByRole("menuitem", { name: "Tài khoản của tôi" }),
		);
		expect(
			await screen.findByText("01/09/2026 đến hết 31/12/2026"),
		).toBeVisible();
		expect(screen.getByText("từ 01/07/2025")).toBeVisible();
		expect(screen.getByText(/^Kỹ thuật, Trường TH Yên Hòa/)).toBeVisible();
	});

	it("signs out one other browser, or all others, and never this one", async () => {
		let left = account.sign_ins;
		const { user, sent } = await open({
			"GET account": () => ({ ...account, sign_ins: left }),
			"DELETE account/sign-ins/s2": () => {
				left = left.filter(({ id }) => id !== "s2");
			},
			"DELETE account/sign-ins": () => {
				left = left.filter(({ here }) => here);
			},
		});
		const list = await screen.findByRole("region", {
			name: "Đang đăng nhập ở 3 nơi",
		});
		expect(within(list).getByText("Chrome, Windows")).toBeVisible();
		expect(
			screen.queryByRole("button", { name: "Đăng xuất Chrome, Windows" }),
		).toBeNull();
		expect(
			screen.getByRole("button", { name: "Đăng xuất 2 nơi khác" }),
		).toBeVisible();
		await user.click(
			screen.getByRole("button", { name: "Đăng xuất Chrome, Android" }),
		);
		await screen.findByRole("region", { name: "Đang đăng nhập ở 2 nơi" });
		expect(sent.map(({ request }) => request)).toContain(
			"DELETE account/sign-ins/s2",
		);
	});

	it("changes the password only when the new one was typed twice alike", async () => {
		const { user, bodies } = await open({ "POST account/password": undefined });
		const key = await screen.findByRole("button", { name: "Đổi mật khẩu" });
		await user.click(key);
		expect(screen.getByText("Nhập mật khẩu hiện tại")).toBeVisible();
		await user.type(screen.getByLabelText("Mật khẩu hiện tại"), "hoa ban cu");
		await user.type(screen.getByLabelText("Mật khẩu mới"), "hoa ban trang");
		await user.type(screen.getByLabelText("Nhập lại mật khẩu mới"), "hoa ban");
		await user.click(key);
		expect(bodies("POST account/password")).toEqual([]);
		expect(
			screen.getByText("Hai lần nhập mật khẩu mới chưa giống nhau"),
		).toBeVisible();
		await user.type(screen.getByLabelText("Nhập lại mật khẩu mới"), " trang");
		await user.click(key);
		expect(await screen.findByText(/^Đã đổi mật khẩu/)).toBeVisible();
		expect(bodies("POST account/password")).toEqual([
			{ present: "hoa ban cu", wanted: "hoa ban trang" },
		]);
		expect(screen.getByLabelText("Mật khẩu hiện tại")).toHaveValue("");
	});

	it("says beside the field what is wrong with which password", async () => {
		let refusal = new Refused(422, "wrong_present_password");
		const { user } = await open({ "POST account/password": () => refusal });
		for (const label of [
			"Mật khẩu hiện tại",
			"Mật khẩu mới",
			"Nhập lại mật khẩu mới",
		]) {
			await user.type(await screen.findByLabelText(label), "12345678");
		}
		const key = screen.getByRole("button", { name: "Đổi mật khẩu" });
		await user.click(key);
		expect(
			await screen.findByText(/^Mật khẩu hiện tại chưa đúng/),
		).toBeVisible();
		await waitFor(() =>
			expect(screen.getByLabelText("Mật khẩu hiện tại")).toBeInvalid(),
		);
		refusal = new Refused(400, "bad_password", { reason: "too_simple" });
		await user.click(key);
		expect(await screen.findByText(/quá dễ đoán/)).toBeVisible();
		expect(screen.getByLabelText("Mật khẩu mới")).toBeInvalid();
	});
});
