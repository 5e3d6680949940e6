import { screen, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import type { Setting } from "@/protocol/generated/Setting";
import type { Settings } from "@/protocol/generated/Settings";
import { director, openApp, Refused, teacher } from "@/test/app";
import { at } from "@/test/session";

const drawPng = vi.hoisted(() => vi.fn());
vi.mock("./emblem", async (actual) => ({
	...(await actual<typeof import("./emblem")>()),
	drawPng,
}));

const early: Setting = {
	key: "early_minutes",
	group: "sessions",
	shape: { type: "number", least: 0, most: 1_440, unit: "minutes" },
	value: 30,
	default: 60,
	is_own: true,
	changed: { at_us: at("2026-11-02T09:14"), by: "Phan Thị Thanh Huyền" },
};
const state: Settings = {
	etag: '"7"',
	may_change: true,
	settings: [
		early,
		{
			key: "auto_record",
			group: "new_sessions",
			shape: { type: "choice", words: ["never", "conferences", "always"] },
			value: "conferences",
			default: "conferences",
			is_own: false,
			changed: null,
		},
		{
			...early,
			key: "link_sample_days",
			group: "retention",
			shape: { type: "number", least: 1, most: 3_660, unit: "days" },
			value: 30,
			default: 30,
			is_own: false,
			changed: null,
		},
		{
			key: "department_name",
			group: "branding",
			shape: { type: "text", limit: 160 },
			value: null,
			default: null,
			is_own: false,
			changed: null,
		},
	],
	emblem: null,
	years: [
		{
			year: 2025,
			from: "2024-12-15",
			to: "2025-12-14",
			is_over: true,
			targets: [{ key: "online_meeting_rate", percent: 70, changed: null }],
		},
		{
			year: 2026,
			from: "2025-12-15",
			to: "2026-12-14",
			is_over: false,
			targets: [{ key: "online_meeting_rate", percent: 80, changed: null }],
		},
	],
	fixed: [
		{
			file: "signaling.toml",
			key: "database.url",
			value: null,
			is_secret: true,
			is_set: true,
		},
		{
			file: "sfu.toml",
			key: "media_port",
			value: "7000",
			is_secret: false,
			is_set: true,
		},
	],
};

const open = (answers: Record<string, unknown> = {}) =>
	openApp("/system/settings", {
		"GET me": director,
		"GET settings": state,
		...answers,
	});

describe("settings", () => {
	it("tell meaning, default and last change, and never what is secret", async () => {
		await open();
		const row = await screen.findByRole("row", { name: /Mở phòng trước giờ/ });
		expect(row).toHaveTextContent("Từ lúc này điểm cầu và người dự vào phòng");
		expect(row).toHaveTextContent("60 phút");
		expect(row).toHaveTextContent(
			"Phan Thị Thanh Huyền đổi 09:14, 02/11/2026.",
		);
		const file = screen.getByRole("region", {
			name: "signaling.toml",
			hidden: true,
		});
		expect(file).toHaveTextContent("database.urlđã đặt");
		expect(
			screen.getByRole("region", { name: "sfu.toml", hidden: true }),
		).toHaveTextContent("media_port7000");
	});

	it("are collected and written by one key that names their number, in the version that was read", async () => {
		const { user, sent } = await open({
			"PUT settings": { ...state, etag: '"8"' },
		});
		const field = await screen.findByLabelText("Mở phòng trước giờ");
		await user.clear(field);
		await user.type(field, "45");
		await user.selectOptions(
			screen.getByLabelText("Tự ghi hình chọn sẵn"),
			"Mọi loại phiên",
		);
		const target = screen.getByLabelText("Họp trực tuyến, năm 2026");
		await user.clear(target);
		await user.type(target, "85");
		const foot = screen.getByRole("region", { name: "Thay đổi chưa ghi" });
		expect(foot).toHaveTextContent(
			"3 thay đổi chưa ghi: Mở phòng trước giờ: 30 phút thành 45 phút",
		);
		await user.click(
			within(foot).getByRole("button", { name: "Ghi 3 thay đổi" }),
		);
		const put = sent.find(({ request }) => request === "PUT settings");
		expect(put?.ifMatch).toBe('"7"');
		expect(put?.body).toEqual({
			changes: [
				{ key: "early_minutes", value: 45 },
				{ key: "auto_record", value: "always" },
				{ key: "online_meeting_rate", year: 2026, value: 85 },
			],
		});
		expect(
			screen.queryByRole("region", { name: "Thay đổi chưa ghi" }),
		).toBeNull();
	});

	it("say what is allowed before anything is sent, and offer no key for it", async () => {
		const { user, bodies } = await open();
		const field = await screen.findByLabelText("Mở phòng trước giờ");
		await user.clear(field);
		await user.type(field, "2000");
		expect(screen.getByText("Từ 0 đến 1440")).toBeVisible();
		const foot = screen.getByRole("region", { name: "Thay đổi chưa ghi" });
		expect(within(foot).getByRole("button", { name: /^Ghi/ })).toBeDisabled();
		await user.click(within(foot).getByRole("button", { name: "Bỏ thay đổi" }));
		expect(field).toHaveValue("30");
		expect(bodies("PUT settings")).toEqual([]);
	});

	it("go back to their default by a key of their own", async () => {
		const { user, bodies } = await open({ "PUT settings": state });
		await user.click(
			await screen.findByRole("button", {
				name: /^Về mặc định ?: Mở phòng trước giờ$/,
			}),
		);
		expect(screen.getByLabelText("Mở phòng trước giờ")).toHaveValue("60");
		await user.click(screen.getByRole("button", { name: "Ghi 1 thay đổi" }));
		expect(bodies("PUT settings")).toEqual([
			{ changes: [{ key: "early_minutes", value: null }] },
		]);
	});

	it("keep what was typed when somebody else was faster, and show what stands", async () => {
		let now = state;
		const { user } = await open({
			"GET settings": () => now,
			"PUT settings": () => {
				now = {
					...state,
					etag: '"8"',
					settings: [{ ...early, value: 20 }, ...state.settings.slice(1)],
				};
				return new Refused(412, "changed_meanwhile", { etag: '"8"' });
			},
		});
		const field = await screen.findByLabelText("Mở phòng trước giờ");
		await user.clear(field);
		await user.type(field, "45");
		await user.click(screen.getByRole("button", { name: "Ghi 1 thay đổi" }));
		expect(await screen.findByRole("alert")).toHaveTextContent(
			"Người khác vừa sửa nội dung này.",
		);
		expect(field).toHaveValue("45");
		expect(
			await screen.findByText(/Mở phòng trước giờ: 20 phút thành 45 phút/),
		).toBeVisible();
	});

	it("leave a target of a year that is over as it stands", async () => {
		await open();
		expect(
			await screen.findByLabelText("Họp trực tuyến, năm 2026"),
		).toHaveValue("80");
		expect(screen.queryByLabelText("Họp trực tuyến, năm 2025")).toBeNull();
		expect(screen.getByRole("cell", { name: "70" })).toBeVisible();
	});

	it("send an emblem as pixels, and say in words what is no picture", async () => {
		const { NoPicture } = await import("./emblem");
		const { user, sent, container } = await open({
			"PUT settings/emblem": state,
		});
		await screen.findByRole("button", { name: "Đổi biểu trưng" });
		const field = container.querySelector<HTMLInputElement>("[type=file]");
		const file = new File(["<svg/>"], "so.svg", { type: "image/svg+xml" });
		drawPng.mockResolvedValueOnce(new Blob(["pixels"]));
		if (field === null) throw new Error("no field");
		await user.upload(field, file);
		const put = sent.find(({ request }) => request === "PUT settings/emblem");
		expect(put?.ifMatch).toBe('"7"');
		expect(drawPng).toHaveBeenCalledWith(file);
		drawPng.mockRejectedValueOnce(new NoPicture());
		await user.upload(field, file);
		expect(await screen.findByRole("alert")).toHaveTextContent(
			"Không đọc được ảnh này.",
		);
	});

	it("are read by the department's technicians, and changed by its administrators alone", async () => {
		await openApp("/system/settings", {
			"GET me": { ...director, may: ["view_settings"] },
			"GET settings": { ...state, may_change: false },
		});
		expect(await screen.findByLabelText("Mở phòng trước giờ")).toBeDisabled();
		expect(screen.queryByRole("button", { name: "Đổi biểu trưng" })).toBeNull();
		expect(screen.queryByRole("link", { name: "Nhật ký" })).toBeNull();
		expect(
			screen.getByText("Chỉ quản trị của sở đổi được các cài đặt này."),
		).toBeVisible();
	});

	it("are not for units", async () => {
		const { sent } = await openApp("/system/settings", { "GET me": teacher });
		expect(
			await screen.findByText("Tài khoản này không mở được mục Hệ thống"),
		).toBeVisible();
		expect(sent.map(({ request }) => request)).not.toContain("GET settings");
	});
});
