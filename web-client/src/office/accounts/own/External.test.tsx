import { screen, waitFor, within } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { ExternalIdentities } from "@/protocol/generated/ExternalIdentities";
import type { OwnAccount } from "@/protocol/generated/OwnAccount";
import { openApp, Refused, teacher } from "@/test/app";
import { at } from "@/test/session";

const account: OwnAccount = {
	name: "Vi Thị Hoài",
	login: "hoai.vi",
	password_changed_at_us: at("2026-09-05T07:30"),
	places: [],
	roles: [],
	sign_ins: [],
};

const nothing: ExternalIdentities = {
	provider: "Đăng nhập bằng tài khoản Sở",
	linked: [],
	is_linked: false,
	asks_password: true,
};

const linked: ExternalIdentities = {
	...nothing,
	is_linked: true,
	linked: [
		{
			label: "hoai.vi@so.example.vn",
			host: "sso.example.vn",
			linked_at_us: at("2026-10-01T08:00"),
			last_used_us: at("2026-11-17T07:00"),
		},
	],
};

const open = (answers: Record<string, unknown>) =>
	openApp("/account", {
		"GET me": teacher,
		"GET account": account,
		...answers,
	});

const section = () =>
	screen.findByRole("region", { name: "Liên kết tài khoản ngoài" });

afterEach(() => vi.restoreAllMocks());

describe("what one's own account is linked with", () => {
	it("is linked after the password was given, by leaving for the provider", async () => {
		const leave = vi
			.spyOn(window.location, "assign")
			.mockImplementation(() => undefined);
		const { user, bodies } = await open({
			"GET account/external": nothing,
			"POST account/external": { address: "https://sso.example.vn/page" },
		});
		const form = within(await section());
		const key = form.getByRole("button", { name: "Liên kết tài khoản ngoài" });
		await user.click(key);
		expect(form.getByText("Nhập mật khẩu hiện tại")).toBeVisible();
		expect(bodies("POST account/external")).toEqual([]);
		await user.type(form.getByLabelText("Mật khẩu hiện tại"), "hoa ban cu");
		await user.click(key);
		await waitFor(() =>
			expect(leave).toHaveBeenCalledWith("https://sso.example.vn/page"),
		);
		expect(bodies("POST account/external")).toEqual([
			{ password: "hoa ban cu" },
		]);
	});

	it("asks for no password that was given a moment ago", async () => {
		const leave = vi
			.spyOn(window.location, "assign")
			.mockImplementation(() => undefined);
		const { user, bodies } = await open({
			"GET account/external": { ...nothing, asks_password: false },
			"POST account/external": { address: "https://sso.example.vn/page" },
		});
		const form = within(await section());
		expect(form.queryByLabelText("Mật khẩu hiện tại")).toBeNull();
		await user.click(
			form.getByRole("button", { name: "Liên kết tài khoản ngoài" }),
		);
		await waitFor(() => expect(leave).toHaveBeenCalled());
		expect(bodies("POST account/external")).toEqual([{ password: null }]);
	});

	it("says who one is there, and takes the link away", async () => {
		let now = linked;
		const { user } = await open({
			"GET account/external": () => now,
			"POST account/external/unlink": (body: { password: string }) => {
				if (body.password !== "hoa ban cu") {
					return new Refused(422, "wrong_present_password");
				}
				now = nothing;
				return undefined;
			},
		});
		const form = within(await section());
		expect(
			form.getByText("hoai.vi@so.example.vn, sso.example.vn"),
		).toBeVisible();
		expect(form.getByText(/chưa đăng xuất tài khoản ngoài/)).toBeVisible();
		const key = form.getByRole("button", { name: "Hủy liên kết" });
		await user.type(form.getByLabelText("Mật khẩu hiện tại"), "sai");
		await user.click(key);
		expect(await form.findByText(/^Mật khẩu hiện tại chưa đúng/)).toBeVisible();
		await user.clear(form.getByLabelText("Mật khẩu hiện tại"));
		await user.type(form.getByLabelText("Mật khẩu hiện tại"), "hoa ban cu");
		await user.click(key);
		expect(
			await form.findByRole("button", { name: "Liên kết tài khoản ngoài" }),
		).toBeVisible();
	});

	it("is not spoken of where there is no provider", async () => {
		await open({
			"GET account/external": { ...nothing, provider: null },
		});
		await screen.findByText("Đang đăng nhập ở 0 nơi");
		expect(
			screen.queryByRole("region", { name: "Liên kết tài khoản ngoài" }),
		).toBeNull();
	});
});
