import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { RegisteredPoint } from "@/protocol/generated/RegisteredPoint";
import { director, openApp, page, Refused } from "@/test/app";

const me = { ...director, may: [...director.may, "manage_points" as const] };
const one: RegisteredPoint = {
	point: { number: 11, code: "DC-11", name: "Hội trường Kỳ Sơn" },
	main: false,
	closed: false,
	host: {
		unit: { code: "KS", name: "UBND xã Kỳ Sơn" },
		from: "2025-07-01",
		to: null,
	},
	served: [],
	etag: '"7f3a"',
	rooms: [
		{
			code: "P1",
			name: "Hội trường",
			seats: 80,
			dual_use: true,
			asset_code: "TS1",
			equipment: [{ name: "Camera PTZ", count: 2, asset_code: null }],
		},
	],
	last_seen_us: null,
	may: ["edit", "close"],
};
const unit = (code: string, name: string) => ({
	code,
	name,
	kind: "commune_unit",
	parent: null,
	from: "2025-07-01",
	to: null,
	ended: false,
	became: [],
	people: 0,
	points: 0,
});
const answers = {
	"GET me": me,
	"GET bridge-points/register": page([one]),
	"GET units": {
		day: "2026-11-17",
		today: "2026-11-17",
		units: [unit("KS", "UBND xã Kỳ Sơn"), unit("ML", "UBND xã Mường Lống")],
		days: [],
	},
};

describe("the register of bridge points", () => {
	it("adds a point with the next number and the unit that is chosen", async () => {
		const { user, bodies } = await openApp("/points", {
			...answers,
			"POST bridge-points": undefined,
		});
		const [add] = await screen.findAllByRole("button", {
			name: "Thêm điểm cầu",
		});
		if (add) await user.click(add);
		const form = within(await screen.findByRole("dialog"));
		await user.type(form.getByLabelText("Tên điểm cầu"), "Điểm Mường Lống");
		await user.type(
			form.getByLabelText("Đơn vị đặt điểm cầu", { selector: "input" }),
			"muong long",
		);
		await user.click(await screen.findByRole("option", { name: /Mường Lống/ }));
		await user.click(form.getByRole("button", { name: "Thêm điểm cầu" }));
		await waitFor(() =>
			expect(bodies("POST bridge-points")).toMatchObject([
				{ code: "DC-12", number: 12, name: "Điểm Mường Lống", host: "ML" },
			]),
		);
	});

	it("notes what stands in a room, and takes it out again", async () => {
		const { user, bodies } = await openApp("/points", {
			...answers,
			"POST bridge-points/DC-11": undefined,
		});
		await user.click(await screen.findByRole("button", { name: "Sửa" }));
		const form = within(await screen.findByRole("dialog"));
		await user.click(form.getByRole("button", { name: "Thêm thiết bị" }));
		const names = form.getAllByLabelText("Thiết bị");
		expect(names.map((field) => (field as HTMLInputElement).value)).toEqual([
			"Camera PTZ",
			"",
		]);
		await user.type(names[1] as HTMLElement, "Tivi 65 inch");
		await user.click(form.getByRole("button", { name: "Bỏ Camera PTZ" }));
		await user.click(form.getByRole("button", { name: "Lưu thay đổi" }));
		await waitFor(() =>
			expect(bodies("POST bridge-points/DC-11")).toMatchObject([
				{
					rooms: [
						{
							equipment: [{ name: "Tivi 65 inch", count: 1, asset_code: null }],
						},
					],
				},
			]),
		);
	});

	it("closes a point in use only after it was said once more", async () => {
		const { user, bodies } = await openApp("/points", {
			...answers,
			"POST bridge-points/DC-11/close": (body: unknown) =>
				(body as { even_in_use: boolean }).even_in_use
					? undefined
					: new Refused(409, "point_in_use", {
							count: "2",
							title: "Họp giao ban",
						}),
		});
		await user.click(await screen.findByRole("button", { name: "Đóng điểm" }));
		await user.click(await screen.findByTestId("close-yes"));
		expect(await screen.findByText(/Còn 2 phiên.*Họp giao ban/)).toBeVisible();
		await user.click(screen.getByRole("button", { name: "Vẫn đóng" }));
		await waitFor(() =>
			expect(bodies("POST bridge-points/DC-11/close")).toEqual([
				{ even_in_use: false },
				{ even_in_use: true },
			]),
		);
	});
});
