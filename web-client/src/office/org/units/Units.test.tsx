import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { UnitChangeEffect } from "@/protocol/generated/UnitChangeEffect";
import type { UnitDetail } from "@/protocol/generated/UnitDetail";
import type { UnitRow } from "@/protocol/generated/UnitRow";
import type { UnitTree } from "@/protocol/generated/UnitTree";
import { director, openApp, page, Refused, teacher } from "@/test/app";
import { isFound, lines, marked, plant } from "./tree";

const row = (
	code: string,
	name: string,
	parent: string | null,
	more: Partial<UnitRow> = {},
): UnitRow => ({
	code,
	name,
	kind: "commune_unit",
	parent,
	from: "2025-07-01",
	to: null,
	ended: false,
	became: [],
	people: 3,
	points: 1,
	...more,
});
const units = [
	row("SO", "Sở GD&ĐT Hoan Châu", null, { kind: "department" }),
	row("MX", "UBND xã Mường Xén", "SO"),
	row("DL", "UBND xã Đô Lương", "SO"),
	row("TH1", "Trường TH Mường Xén", "MX", { kind: "school" }),
	row("PGD", "Phòng GD&ĐT Kỳ Sơn", "SO", {
		to: "2025-06-30",
		ended: true,
		became: [{ code: "MX", name: "UBND xã Mường Xén" }],
	}),
];
const tree: UnitTree = {
	day: "2026-11-17",
	today: "2026-11-17",
	units,
	days: [
		{ day: "2025-07-01", changes: 3 },
		{ day: "2027-01-01", changes: 2 },
	],
};
const detail = (unit: UnitRow): UnitDetail => ({
	unit,
	above:
		unit.parent === null ? [] : [{ code: "SO", name: "Sở GD&ĐT Hoan Châu" }],
	versions: [
		{
			name: unit.name,
			kind: unit.kind,
			parent: null,
			from: unit.from,
			to: unit.to,
		},
	],
	came_from: [],
	became: [],
	points: [],
	may: ["add_below", "change"],
});
const me = {
	...director,
	may: [...director.may, "list_units" as const, "change_units" as const],
};
const answers = {
	"GET me": me,
	"GET units": tree,
	...Object.fromEntries(
		units.map((unit) => [`GET units/${unit.code}`, detail(unit)]),
	),
};

describe("the tree", () => {
	const forest = plant(units);

	it("shows what is open, and while something is searched what is found with all above it", () => {
		const codes = (open: string[], find: string) =>
			lines(forest, new Set(open), find).map(({ unit }) => unit.code);
		expect(codes(["SO"], "")).toEqual(["SO", "DL", "MX"]);
		expect(codes([], "th muong xen")).toEqual(["SO", "MX", "TH1"]);
		expect(codes([], "do luong")).toEqual(["SO", "DL"]);
	});

	it("finds đ and marks what was found", () => {
		expect(isFound(row("A", "Đỗ Đức", null), "do duc")).toBe(true);
		expect(marked("UBND xã Đô Lương", "do lu")).toEqual([
			{ text: "UBND xã ", found: false },
			{ text: "Đô Lư", found: true },
			{ text: "ơng", found: false },
		]);
	});
});

describe("the page of units", () => {
	it("opens the unit that is chosen, and says what became of one that is no more", async () => {
		const { user, address } = await openApp("/units", answers);
		const ended = await screen.findByRole("button", { name: /Kỳ Sơn/ });
		expect(ended).toHaveTextContent("nay: UBND xã Mường Xén");
		expect(
			within(ended)
				.getByText(/Kỳ Sơn/)
				.closest("s"),
		).not.toBeNull();
		await user.type(screen.getByRole("searchbox"), "muong xen");
		await user.click(
			await screen.findByRole("button", { name: /TH Mường Xén/ }),
		);
		expect(
			await screen.findByRole("heading", { name: /Trường TH Mường Xén/ }),
		).toBeVisible();
		expect(address()).toContain("unit=TH1");
	});

	it("goes to the next change, and asks the server for that day", async () => {
		const { user, sent, address } = await openApp("/units", answers);
		await user.click(
			await screen.findByRole("button", { name: "Tới lần thay đổi sau" }),
		);
		await waitFor(() =>
			expect(
				sent.some(
					(one) =>
						one.request === "GET units" &&
						one.query.get("day") === "2027-01-01",
				),
			).toBe(true),
		);
		expect(address()).toContain("day=2027-01-01");
		// The line to draw along follows, and asks for nothing by itself.
		await new Promise((resolve) => setTimeout(resolve, 400));
		expect(address()).toContain("day=2027-01-01");
	});

	it("is not offered to whoever holds no role over it, and is not asked for", async () => {
		const { sent } = await openApp("/units", { "GET me": teacher });
		expect(
			await screen.findByText("Tài khoản này chưa xem được cây đơn vị"),
		).toBeVisible();
		expect(sent.some(({ request }) => request.startsWith("GET units"))).toBe(
			false,
		);
	});
});

const effect: UnitChangeEffect = {
	rows: 7,
	units: [
		{
			code: "MX",
			before: { name: "UBND xã Mường Xén", kind: "commune_unit", parent: null },
			after: {
				name: "UBND xã Mường Xén mới",
				kind: "commune_unit",
				parent: null,
			},
			heir: null,
		},
	],
	moved: [{ kind: "appointment", moved: 3, ended: 1, names: ["Vi Thị Hoài"] }],
};

describe("a decision", () => {
	it("is previewed as it is filled in, and its key counts what it writes", async () => {
		const { user, bodies } = await openApp("/units?unit=MX", {
			...answers,
			"POST unit-changes/preview": effect,
			"POST unit-changes": {
				id: "1",
				day: "2026-11-17",
				rows: 7,
				state: "applied",
				steps: [],
				may: [],
			},
		});
		await user.click(await screen.findByRole("button", { name: "Sửa" }));
		const form = within(
			await screen.findByRole("region", { name: "Quyết định sắp xếp" }),
		);
		const name = form.getByRole("textbox", { name: "Tên" });
		await user.clear(name);
		await user.type(name, "UBND xã Mường Xén mới");
		const key = await form.findByRole("button", {
			name: "Ghi quyết định, 7 dòng",
		});
		expect(key).toBeDisabled();
		expect(form.getByText(/3 tiếp tục ở đơn vị mới/)).toHaveTextContent(
			"1 kết thúc, không chuyển",
		);
		await user.type(form.getByLabelText("Số, ký hiệu văn bản"), "12/QĐ-UBND");
		await user.type(form.getByLabelText("Trích yếu"), "Đổi tên xã");
		await user.click(key);
		await waitFor(() =>
			expect(bodies("POST unit-changes")).toEqual([
				{
					document: "12/QĐ-UBND",
					title: "Đổi tên xã",
					day: "2026-11-17",
					steps: [
						{
							act: "rename",
							code: "MX",
							name: "UBND xã Mường Xén mới",
							kind: "commune_unit",
						},
					],
				},
			]),
		);
		await waitFor(() =>
			expect(
				screen.queryByRole("region", { name: "Quyết định sắp xếp" }),
			).toBeNull(),
		);
	});

	it("says why it cannot be, and cannot be written then", async () => {
		const { user } = await openApp("/units?unit=MX", {
			...answers,
			"POST unit-changes/preview": new Refused(409, "later_change", {
				unit: "MX",
				day: "2027-01-01",
			}),
		});
		await user.click(await screen.findByRole("button", { name: "Sửa" }));
		expect(
			await screen.findByText(/quyết định khác về MX từ ngày 01\/01\/2027/),
		).toBeVisible();
		expect(
			screen.getByRole("button", { name: "Ghi quyết định" }),
		).toBeDisabled();
	});

	it("is undone after a question", async () => {
		const { user, sent } = await openApp("/units/decisions", {
			"GET me": me,
			"GET unit-changes": page([
				{
					id: "c1",
					document: "1678/NQ-UBTVQH15",
					title: "Sắp xếp xã",
					day: "2025-07-01",
					state: "applied",
					rows: 397,
					by: "Đậu Quang Lĩnh",
					created_at_us: 1_795_334_400_000_000,
					steps: [{ act: "close", code: "PGD", heir: null }],
					may: ["undo"],
				},
			]),
			"POST unit-changes/c1/undo": undefined,
		});
		await user.click(await screen.findByRole("button", { name: "Hoàn tác" }));
		expect(await screen.findByText(/397 dòng được trả lại/)).toBeVisible();
		await user.click(await screen.findByTestId("undo-yes"));
		await waitFor(() =>
			expect(
				sent.some(({ request }) => request === "POST unit-changes/c1/undo"),
			).toBe(true),
		);
	});
});
