import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { openApp, page, Refused, teacher } from "@/test/app";
import { at, recording, session } from "@/test/session";

const open = (
	part: Parameters<typeof session>[0],
	recordings: unknown[] = [],
	more: Record<string, unknown> = {},
) =>
	openApp("/s/HOP-261117", {
		"GET me": teacher,
		"GET sessions/HOP-261117": session(part),
		"GET sessions/HOP-261117/recordings": page(recordings),
		...more,
	});

describe("the page of a session", () => {
	it("says when it is, names the points by seat, and leads into the room", async () => {
		await open({ state: "live", present: 7 });
		expect(await screen.findByText(/Thứ Ba, 17\/11\/2026/)).toHaveTextContent(
			"08:00–10:30",
		);
		const seats = within(
			screen.getByRole("region", { name: "2 điểm cầu" }),
		).getAllByRole("listitem");
		expect(seats.map((seat) => seat.textContent)).toEqual([
			"01Sở GD&ĐT",
			"02UBND xã Kim Sơn",
		]);
		expect(screen.getByRole("link", { name: "Vào họp" })).toHaveAttribute(
			"href",
			"/s/HOP-261117/room",
		);
		expect(screen.getByText("7 người trong phòng")).toBeVisible();
	});

	it("tells somebody who is not invited why there is no way in", async () => {
		await open({ my_role: null });
		expect(await screen.findByText(/không có tên trong phiên/)).toBeVisible();
		expect(screen.queryByRole("link", { name: "Vào họp" })).toBeNull();
	});

	it("shows how far each recording is", async () => {
		await open({ state: "ended" }, [
			recording(),
			recording({
				id: "r2",
				state: "composing",
				progress_percent: 37,
				media_url: null,
			}),
			recording({ id: "r3", state: "failed", media_url: null }),
		]);
		expect(
			await screen.findByRole("link", { name: /Xem lại, 08:02, 17\/11\/2026/ }),
		).toHaveAttribute("href", "/recordings/r1");
		expect(screen.getByText("Đang dựng bản xem lại, 37%")).toBeVisible();
		expect(screen.getByRole("progressbar")).toHaveAttribute(
			"aria-valuenow",
			"37",
		);
		expect(screen.getByRole("button", { name: "Dựng lại" })).toBeEnabled();
	});

	it("lets the chair make a link for a point, shows it once, and takes it back", async () => {
		const { user, bodies } = await open({ my_role: "chair" }, [], {
			"POST sessions/HOP-261117/links": {
				id: "k1",
				url: "https://diemcau.test/j/abc",
				expires_at_us: at("2026-11-17T12:30"),
			},
			"DELETE links/k1": undefined,
		});
		await user.selectOptions(
			await screen.findByLabelText("Mời vào với vai"),
			"Máy phòng họp của điểm cầu",
		);
		await user.selectOptions(
			screen.getByLabelText("Điểm cầu"),
			"UBND xã Kim Sơn",
		);
		await user.click(screen.getByRole("button", { name: "Tạo đường dẫn" }));
		expect(
			await screen.findByLabelText("Đường dẫn cho UBND xã Kim Sơn"),
		).toHaveValue("https://diemcau.test/j/abc");
		expect(screen.getByText("Dùng được đến 12:30, 17/11/2026")).toBeVisible();
		expect(bodies("POST sessions/HOP-261117/links")).toEqual([
			{ role: "point", bridge_point: "DC-02" },
		]);
		await user.click(
			screen.getByRole("button", { name: "Thu hồi: UBND xã Kim Sơn" }),
		);
		await expect
			.poll(() => screen.queryByLabelText("Đường dẫn cho UBND xã Kim Sơn"))
			.toBeNull();
	});

	it("says that an internal session takes no guests", async () => {
		const { user } = await open({ my_role: "secretary" }, [], {
			"POST sessions/HOP-261117/links": new Refused(409, "guests_not_allowed"),
		});
		await user.click(
			await screen.findByRole("button", { name: "Tạo đường dẫn" }),
		);
		expect(await screen.findByRole("alert")).toHaveTextContent(
			"Phiên nội bộ không nhận khách",
		);
	});

	it("offers a participant no links to give away", async () => {
		await open({ my_role: "point" });
		await screen.findByRole("link", { name: "Vào họp" });
		expect(screen.queryByText("Đường dẫn mời")).toBeNull();
	});

	it("says that a session is unknown, without blaming anybody", async () => {
		await openApp("/s/KHONG", {
			"GET me": teacher,
			"GET sessions/KHONG": new Refused(404, "unknown_session"),
		});
		expect(await screen.findByRole("alert")).toHaveTextContent(
			"Không có phiên này, hoặc tài khoản này không được xem. Kiểm tra lại mã phiên trong giấy mời.",
		);
	});
});
