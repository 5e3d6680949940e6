import { screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { openApp, Refused, teacher } from "@/test/app";

const guest = { ...teacher, login: null, roles: [], link_session: "HOP-1" };

describe("a joining link", () => {
	it("leads whom it names straight to the room, and leaves the secret behind", async () => {
		const { address, bodies } = await openApp("/j/bi-mat", {
			"POST links/exchange": guest,
			"GET me": guest,
		});
		expect(await screen.findByText("Phòng HOP-1")).toBeVisible();
		expect(address()).toBe("/s/HOP-1/room");
		expect(bodies("POST links/exchange")).toEqual([{ secret: "bi-mat" }]);
	});

	it("asks a guest for a name first", async () => {
		const { user, bodies } = await openApp("/j/bi-mat", {
			"POST links/exchange": (body: unknown) =>
				(body as { name?: string }).name
					? guest
					: new Refused(400, "name_required"),
			"GET me": guest,
		});
		await user.type(
			await screen.findByLabelText("Tên của mình"),
			" Lô Thị Hằng ",
		);
		await user.click(screen.getByRole("button", { name: "Vào họp" }));
		expect(await screen.findByText("Phòng HOP-1")).toBeVisible();
		expect(bodies("POST links/exchange")[1]).toEqual({
			secret: "bi-mat",
			name: "Lô Thị Hằng",
		});
	});

	it("says that it has expired and what to do", async () => {
		await openApp("/j/cu", {
			"POST links/exchange": new Refused(410, "link_expired"),
		});
		expect(
			await screen.findByText(/Đường dẫn này đã hết hạn. Hỏi người gửi/),
		).toBeVisible();
		expect(
			screen.getByRole("link", { name: "Đăng nhập bằng tài khoản" }),
		).toBeVisible();
	});
});
