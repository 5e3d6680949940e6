import { screen, within } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { OwnAccount } from "@/protocol/generated/OwnAccount";
import type { SecondFactor } from "@/protocol/generated/SecondFactor";
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

const off: SecondFactor = {
	since_us: null,
	recovery_codes_left: 0,
	demanded: false,
	asks_password: true,
};

const on: SecondFactor = {
	...off,
	since_us: at("2026-11-02T08:00"),
	recovery_codes_left: 8,
};

const codes = Array.from({ length: 10 }, (_, index) => `7KQ4 MW2P XH${index}R`);

async function open(answers: Record<string, unknown>) {
	const opened = await openApp("/account", {
		"GET me": teacher,
		"GET account": account,
		...answers,
	});
	const section = await screen.findByRole("region", {
		name: "Xác thực hai lớp",
	});
	return { ...opened, section: within(section) };
}

afterEach(() => vi.unstubAllGlobals());

describe("one's own second factor", () => {
	it("is set up by the password, a picture and the first code, and tells its recovery codes once", async () => {
		const print = vi.fn();
		vi.stubGlobal("print", print);
		let stands = off;
		let confirmed: unknown = new Refused(422, "wrong_second_code");
		const { user, section, bodies } = await open({
			"GET account/second-factor": () => stands,
			"POST account/second-factor/secret": {
				secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
			},
			"POST account/second-factor/confirm": () => confirmed,
		});
		await user.click(
			await section.findByRole("button", { name: "Bật xác thực hai lớp" }),
		);
		await user.click(section.getByRole("button", { name: "Tiếp tục" }));
		expect(section.getByText("Nhập mật khẩu hiện tại")).toBeVisible();
		await user.type(section.getByLabelText("Mật khẩu hiện tại"), "hoa ban");
		await user.click(section.getByRole("button", { name: "Tiếp tục" }));
		expect(
			await section.findByRole("img", { name: /^Mã QR để thêm/ }),
		).toBeVisible();
		expect(section.getAllByText("GEZD")).toHaveLength(2);
		const address = section.getByRole("link").getAttribute("href") ?? "";
		expect(new URL(address).pathname).toMatch(/:[^:]*hoai\.vi$|hoai\.vi$/);
		expect(address).toContain("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
		await user.type(section.getByLabelText("Mã 6 số"), "123 456");
		const key = section.getByRole("button", { name: "Bật xác thực hai lớp" });
		await user.click(key);
		expect(await section.findByText(/^Mã chưa đúng/)).toBeVisible();
		confirmed = { codes };
		stands = { ...on, recovery_codes_left: 10 };
		await user.click(key);
		expect(await section.findByText("7KQ4 MW2P XH7R")).toBeVisible();
		await user.click(section.getByRole("button", { name: "In mã dự phòng" }));
		expect(print).toHaveBeenCalledOnce();
		await user.click(section.getByRole("button", { name: "Đã cất mã" }));
		expect(await section.findByText("Đang bật từ 02/11/2026")).toBeVisible();
		expect(section.queryByText("7KQ4 MW2P XH7R")).toBeNull();
		expect(bodies("POST account/second-factor/secret")).toEqual([
			{ password: "hoa ban" },
		]);
		expect(bodies("POST account/second-factor/confirm")).toEqual([
			{ code: "123456" },
			{ code: "123456" },
		]);
	});

	it("goes over to another phone, and may be left as it was half-way", async () => {
		const { user, section, sent } = await open({
			"GET account/second-factor": on,
			"POST account/second-factor/secret": { secret: "GEZDGNBVGY3TQOJQ" },
		});
		await user.click(
			await section.findByRole("button", { name: "Đổi điện thoại" }),
		);
		expect(section.getByText(/^Điện thoại đang dùng vẫn/)).toBeVisible();
		await user.type(section.getByLabelText("Mật khẩu hiện tại"), "hoa ban");
		await user.click(section.getByRole("button", { name: "Tiếp tục" }));
		await user.click(await section.findByRole("button", { name: "Thôi" }));
		expect(section.getByText("Đang bật từ 02/11/2026")).toBeVisible();
		expect(sent.map(({ request }) => request)).not.toContain(
			"POST account/second-factor/confirm",
		);
	});

	it("is turned off by password and code, and not at all where a role demands it", async () => {
		let stands: SecondFactor = { ...on, recovery_codes_left: 2 };
		const { user, section, bodies } = await open({
			"GET account/second-factor": () => stands,
			"POST account/second-factor/off": () => {
				stands = off;
			},
		});
		expect(await section.findByText(/^Chỉ còn 2 mã dự phòng/)).toBeVisible();
		await user.click(section.getByRole("button", { name: "Tắt" }));
		await user.type(section.getByLabelText("Mật khẩu hiện tại"), "hoa ban");
		await user.type(
			section.getByLabelText("Mã 6 số hoặc mã dự phòng"),
			"123456",
		);
		await user.click(
			section.getByRole("button", { name: "Tắt xác thực hai lớp" }),
		);
		expect(await section.findByText("Đang tắt")).toBeVisible();
		expect(bodies("POST account/second-factor/off")).toEqual([
			{ password: "hoa ban", code: "123456" },
		]);
	});

	it("says why it cannot be turned off where a role demands it", async () => {
		const { section } = await open({
			"GET account/second-factor": { ...on, demanded: true },
		});
		expect(
			await section.findByText(/^Vai trò của mình bắt buộc/),
		).toBeVisible();
		expect(section.queryByRole("button", { name: "Tắt" })).toBeNull();
	});
});
