import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { BackupRun } from "@/protocol/generated/BackupRun";
import type { Backups } from "@/protocol/generated/Backups";
import { director, openApp, Refused, teacher } from "@/test/app";
import { at } from "@/test/session";

const run = (day: number, more: Partial<BackupRun> = {}): BackupRun => ({
	begun_at_us: at(`2026-11-${day}T02:00`),
	ended_at_us: at(`2026-11-${day}T02:11`),
	place: `/mnt/backup/diemcau-202611${day}-020000`,
	bytes: 3_400_000_000,
	new_bytes: 412_000_000,
	files: 128,
	failure: null,
	trouble: null,
	...more,
});
const failed = run(17, {
	bytes: null,
	new_bytes: null,
	files: null,
	place: "/mnt/backup",
	failure: "No space left on device (os error 28)",
	trouble: "disk_full",
});
const state: Backups = {
	folder: "/mnt/backup",
	next_at_us: at("2026-11-18T02:00"),
	keep: 14,
	percent: null,
	last_good: run(16),
	runs: [failed, run(16)],
};

describe("backups", () => {
	it("show the first that failed, and still how old the newest good one is", async () => {
		await openApp("/system/backups", {
			"GET me": director,
			"GET backups": state,
		});
		const [, first, second] = await screen.findAllByRole("row");
		expect(first).toHaveTextContent("Hỏng");
		expect(first).toHaveTextContent("Ổ đĩa nơi lưu đã đầy.");
		expect(first).not.toHaveTextContent("No space");
		expect(second).toHaveTextContent("Đạt");
		expect(
			screen.getByText("Lần tốt gần nhất, 02:00, 16/11/2026"),
		).toBeVisible();
		expect(screen.getByText("giữ 14 bản tốt gần nhất")).toBeVisible();
		const restore = within(screen.getByRole("region", { name: "Khôi phục" }));
		expect(
			restore.getByText(
				"diemcau restore --check /mnt/backup/diemcau-20261116-020000",
			),
		).toBeVisible();
	});

	it("are made at the press of a key, once", async () => {
		const making = { ...state, percent: 35 };
		let now: Backups = state;
		const { user, bodies } = await openApp("/system/backups", {
			"GET me": director,
			"GET backups": () => now,
			"POST backups": () => {
				now = making;
				return undefined;
			},
		});
		await user.click(
			await screen.findByRole("button", { name: "Sao lưu ngay" }),
		);
		expect(await screen.findByText("Đang sao lưu, 35%")).toBeVisible();
		expect(screen.queryByRole("button", { name: "Sao lưu ngay" })).toBeNull();
		expect(bodies("POST backups")).toHaveLength(1);
	});

	it("say why none is made", async () => {
		const { user } = await openApp("/system/backups", {
			"GET me": director,
			"GET backups": state,
			"POST backups": new Refused(409, "backup_under_way"),
		});
		await user.click(
			await screen.findByRole("button", { name: "Sao lưu ngay" }),
		);
		expect(await screen.findByRole("alert")).toHaveTextContent(
			"Đang có một lần sao lưu chạy rồi.",
		);
	});

	it("tell what to set where no place is set, and offer no key", async () => {
		await openApp("/system/backups", {
			"GET me": director,
			"GET backups": {
				...state,
				folder: null,
				next_at_us: null,
				last_good: null,
				runs: [],
			},
		});
		expect(
			await screen.findByText(/backup\.folder trong tệp signaling\.toml/),
		).toBeVisible();
		expect(screen.queryByRole("button", { name: "Sao lưu ngay" })).toBeNull();
	});

	it("are not for those who do not run the installation", async () => {
		const { sent } = await openApp("/system/backups", { "GET me": teacher });
		expect(
			await screen.findByText("Tài khoản này không mở được mục Hệ thống"),
		).toBeVisible();
		expect(sent.map(({ request }) => request)).not.toContain("GET backups");
	});
});
