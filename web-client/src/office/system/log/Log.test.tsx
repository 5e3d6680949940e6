import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { AuditLine } from "@/protocol/generated/AuditLine";
import { director, openApp, page, teacher } from "@/test/app";
import { at } from "@/test/session";

const line = (seq: number, more: Partial<AuditLine> = {}): AuditLine => ({
	seq,
	at_us: at("2026-11-16T16:22"),
	actor: {
		word: "account:1",
		kind: "account",
		name: "Phan Thị Thanh Huyền",
		login: "huyen.phan",
	},
	action: "create_session",
	thing: {
		word: "session:STEM",
		kind: "session",
		code: "STEM",
		name: "Hội thảo STEM",
		participant: null,
	},
	before: null,
	after: null,
	previous_hash: "7c1e90ad27bb44f2".repeat(4),
	hash: "b03f5d18c6e4e9a7".repeat(4),
	...more,
});
const ended = line(48_091, {
	action: "end_session",
	before: { ended_at_us: null },
	after: { ended_at_us: at("2026-11-16T16:20"), strange: [1] },
});
const answers = {
	"GET me": director,
	"GET audit-log/actions": page([
		{ name: "create_session", vi: "Tạo phiên", en: "Create a session" },
		{ name: "end_session", vi: "Kết thúc phiên", en: "End a session" },
	]),
	"GET audit-log": page([ended, line(48_090)]),
};

describe("the audit log", () => {
	it("says each line in words, and of the chosen one what changed", async () => {
		const { user } = await openApp("/system/log", answers);
		const row = (await screen.findAllByRole("row"))[1];
		expect(row).toHaveTextContent("16/11/2026 16:22");
		expect(row).toHaveTextContent("Phan Thị Thanh Huyền");
		expect(row).toHaveTextContent("Kết thúc phiên");
		await user.click(screen.getByRole("button", { name: "Kết thúc phiên" }));
		const detail = within(
			await screen.findByRole("region", { name: "Chi tiết một dòng" }),
		);
		expect(detail.getByRole("row", { name: /Kết thúc lúc/ })).toHaveTextContent(
			"16:20:00, 16/11/2026",
		);
		// What this page has no words for is still told.
		expect(detail.getByRole("row", { name: /strange/ })).toHaveTextContent(
			"[1]",
		);
		expect(detail.getByText("48.091")).toBeVisible();
		expect(detail.getByText("b03f 5d18 c6e4 e9a7")).toBeVisible();
		expect(detail.getByRole("link", { name: "Hội thảo STEM" })).toHaveAttribute(
			"href",
			"/s/STEM",
		);
	});

	it("searches for what is typed, keeps it in the address, and exports the same", async () => {
		const { user, address, sent } = await openApp("/system/log", answers);
		await user.type(await screen.findByLabelText("Ai"), "huyen");
		await user.type(screen.getByLabelText("Từ ngày"), "1/11/26");
		await user.click(screen.getByRole("button", { name: "Tìm" }));
		expect(address()).toBe("/system/log?who=huyen&from=2026-11-01");
		const key = await screen.findByRole("link", {
			name: "Xuất các dòng đã lọc (CSV)",
		});
		expect(key).toHaveAttribute(
			"href",
			"/api/v1/audit-log/file?who=huyen&from=2026-11-01&lang=vi",
		);
		const asked = sent.filter(({ request }) => request === "GET audit-log");
		expect(asked.at(-1)?.query.toString()).toBe("who=huyen&from=2026-11-01");
		expect(screen.getByLabelText("Từ ngày")).toHaveValue("01/11/2026");
	});

	it("asks nothing of the server for what is no day", async () => {
		const { user, sent } = await openApp("/system/log", answers);
		await user.type(await screen.findByLabelText("Đến ngày"), "31/02/2026");
		const before = sent.length;
		await user.click(screen.getByRole("button", { name: "Tìm" }));
		expect(screen.getByText("Gõ như 17/11/2026")).toBeVisible();
		expect(sent).toHaveLength(before);
	});

	it("shows older lines after those that are there", async () => {
		const { user } = await openApp("/system/log", {
			...answers,
			"GET audit-log": (_: unknown, url: URL) =>
				url.searchParams.get("cursor") === "48091"
					? page([line(48_090)])
					: { items: [ended], next: "48091" },
		});
		await user.click(
			await screen.findByRole("button", { name: "Xem dòng cũ hơn" }),
		);
		await screen.findByRole("button", { name: "Tạo phiên" });
		expect(screen.getAllByRole("row").length).toBeGreaterThanOrEqual(3);
		expect(
			screen.queryByRole("button", { name: "Xem dòng cũ hơn" }),
		).toBeNull();
	});

	it("names the lines that a check finds changed or gone", async () => {
		const { user } = await openApp("/system/log", {
			...answers,
			"POST audit-log/check": {
				checked_at_us: at("2026-11-17T06:00"),
				lines: 48_000,
				head: 48_213,
				faults: [
					{ kind: "changed", seq: 1_204 },
					{ kind: "missing", from: 48_001, to: 48_213 },
				],
			},
		});
		await user.click(await screen.findByRole("button", { name: "Kiểm tra" }));
		expect(
			await screen.findByText("Không nguyên vẹn: 2 chỗ sai"),
		).toBeVisible();
		expect(screen.getByText("Dòng 1.204 đã bị sửa")).toBeVisible();
		expect(screen.getByText("Mất dòng 48.001 đến 48.213")).toBeVisible();
	});

	it("is not for those who do not run the installation, and then asks for nothing", async () => {
		const { sent } = await openApp("/system/log", {
			...answers,
			"GET me": teacher,
		});
		expect(
			await screen.findByText("Tài khoản này không mở được mục Hệ thống"),
		).toBeVisible();
		expect(sent.map(({ request }) => request)).not.toContain("GET audit-log");
		expect(screen.queryByRole("link", { name: "Hệ thống" })).toBeNull();
	});
});
