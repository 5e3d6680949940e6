import { screen, waitFor, within } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import { director, openApp, page, Refused, teacher } from "@/test/app";
import { at, session } from "@/test/session";

const points = page([
	{ number: 1, code: "DC-01", name: "Sở GD&ĐT" },
	{ number: 2, code: "DC-02", name: "UBND xã Đô Lương" },
	{ number: 3, code: "DC-03", name: "Trường THPT Quế Phong" },
]);

/** A year that is still to come when this test is old. */
const year = new Date().getFullYear() + 1;

const open = (answers: Record<string, unknown> = {}) =>
	openApp("/sessions/new", {
		"GET me": director,
		"GET bridge-points": points,
		...answers,
	});

type User = Awaited<ReturnType<typeof open>>["user"];

async function retype(user: User, label: string, text: string) {
	const field = await screen.findByLabelText(label);
	await user.clear(field);
	await user.type(field, text);
}

async function fillIn(user: User) {
	await retype(user, "Tên phiên", "Rà soát học bạ số");
	await retype(user, "Ngày", `19/11/${year}`);
	await retype(user, "Từ", "14h");
	await retype(user, "Đến", "15:30");
	await user.click(
		await screen.findByRole("checkbox", { name: "03 Trường THPT Quế Phong" }),
	);
	await user.click(screen.getByRole("checkbox", { name: "01 Sở GD&ĐT" }));
}

const create = (user: User) =>
	user.click(screen.getByRole("button", { name: "Tạo phiên" }));

/** The choice of a kind; the room's mode has some of its words. */
const ofKind = (name: string) =>
	within(screen.getByRole("group", { name: "Loại phiên" })).getByRole("radio", {
		name,
	});

describe("planning a session", () => {
	beforeEach(() => sessionStorage.clear());

	it("sends the province's time and the points in seat order, then shows the session", async () => {
		const { user, bodies, address } = await open({
			"POST sessions": session({ code: "HOP-271119" }),
			"GET sessions/HOP-271119": session({ code: "HOP-271119" }),
			"GET sessions/HOP-271119/recordings": page([]),
			"GET officer-candidates": (_: unknown, url: URL) =>
				page(
					url.searchParams.get("search") === "huyen"
						? [
								{
									person: "p2",
									name: "Phan Thị Thanh Huyền",
									position: "Phó Chánh Văn phòng",
									unit: { code: "SO", name: "Sở GD&ĐT Hoan Châu" },
								},
							]
						: [],
				),
		});
		await fillIn(user);
		await user.click(ofKind("Hội nghị"));
		await user.click(screen.getByRole("radio", { name: "Nội bộ" }));
		await user.type(
			screen.getByLabelText("Gõ tên người, không cần dấu"),
			"huyen",
		);
		await user.click(
			await screen.findByRole("button", { name: /^Phan Thị Thanh Huyền/ }),
		);
		await create(user);
		await screen.findByRole("heading", { name: "Họp giao ban tháng 11" });
		expect(address()).toBe("/s/HOP-271119");
		expect(bodies("POST sessions")).toEqual([
			{
				title: "Rà soát học bạ số",
				kind: "conference",
				preset: "conference",
				starts_at_us: at(`${year}-11-19T14:00`),
				ends_at_us: at(`${year}-11-19T15:30`),
				bridge_points: ["DC-01", "DC-03"],
				convening_unit: "SO",
				officers: [{ part: "secretary", person: "p2" }],
				secrecy: "internal",
				auto_record: true,
				guests_may_replay: false,
			},
		]);
	});

	it("keeps what was being planned while one looks at another page or signs in again, until it is made or begun anew", async () => {
		const first = await open();
		await fillIn(first.user);
		await first.user.click(ofKind("Hội nghị"));
		first.unmount();
		const { user, unmount } = await open({
			"POST sessions": session({ code: "HOP-271119" }),
			"GET sessions/HOP-271119": session({ code: "HOP-271119" }),
			"GET sessions/HOP-271119/recordings": page([]),
		});
		expect(await screen.findByLabelText("Tên phiên")).toHaveValue(
			"Rà soát học bạ số",
		);
		expect(
			await screen.findByRole("checkbox", { name: "03 Trường THPT Quế Phong" }),
		).toBeChecked();
		expect(screen.getByText(/^Đang soạn tiếp phiên/)).toBeVisible();
		await create(user);
		await screen.findByRole("heading", { name: "Họp giao ban tháng 11" });
		unmount();
		const later = await open();
		expect(await screen.findByLabelText("Tên phiên")).toHaveValue("");
		await retype(later.user, "Tên phiên", "Thử");
		later.unmount();
		const again = await open();
		await again.user.click(
			await screen.findByRole("button", { name: "Soạn lại từ đầu" }),
		);
		expect(screen.getByLabelText("Tên phiên")).toHaveValue("");
		again.unmount();
		await open({ "GET me": { ...director, login: "khac" } });
		expect(await screen.findByLabelText("Tên phiên")).toHaveValue("");
	});

	it("goes on for a unit that one may convene for, where the one that was chosen is not one's own any more", async () => {
		const two = [
			{ code: "SO", name: "Sở GD&ĐT Hoan Châu" },
			{ code: "XA-YH", name: "UBND xã Yên Hòa" },
		];
		const first = await open({ "GET me": { ...director, convenes_for: two } });
		await fillIn(first.user);
		await first.user.selectOptions(
			screen.getByLabelText("Đơn vị triệu tập"),
			"UBND xã Yên Hòa",
		);
		first.unmount();
		const { user, bodies } = await open({
			"POST sessions": session({ code: "HOP-271119" }),
		});
		await screen.findByText(/^Đang soạn tiếp phiên/);
		await screen.findByRole("checkbox", { name: "01 Sở GD&ĐT" });
		await create(user);
		await waitFor(() =>
			expect(bodies("POST sessions")).toEqual([
				expect.objectContaining({ convening_unit: "SO" }),
			]),
		);
	});

	it("begins anew where another version of the page kept a plan with other fields", async () => {
		sessionStorage.setItem(
			"diemcau.plan",
			JSON.stringify({ login: director.login, draft: { title: "Cũ" } }),
		);
		await open();
		expect(await screen.findByLabelText("Tên phiên")).toHaveValue("");
		expect(screen.queryByText(/^Đang soạn tiếp phiên/)).toBeNull();
	});

	it("finds a point without diacritics", async () => {
		const { user } = await open();
		await user.type(
			await screen.findByRole("searchbox", { name: "Tìm, không cần gõ dấu" }),
			"do luong",
		);
		expect(
			screen.getByRole("checkbox", { name: "02 UBND xã Đô Lương" }),
		).toBeVisible();
		expect(screen.queryByRole("checkbox", { name: "01 Sở GD&ĐT" })).toBeNull();
	});

	it("marks what is missing, goes to the first of it, and sends nothing", async () => {
		const { user, bodies } = await open();
		await screen.findByRole("checkbox", { name: "01 Sở GD&ĐT" });
		await retype(user, "Đến", "mai");
		await create(user);
		expect(await screen.findByText("Nhập tên phiên")).toBeVisible();
		expect(screen.getByText("Viết giờ như 14:00")).toBeVisible();
		expect(screen.getByText("Chọn ít nhất một điểm cầu")).toBeVisible();
		await expect
			.poll(() => document.activeElement)
			.toBe(screen.getByLabelText("Tên phiên"));
		expect(bodies("POST sessions")).toEqual([]);
	});

	it("refuses secret content before anything is sent", async () => {
		const { user, bodies } = await open();
		await fillIn(user);
		await user.click(screen.getByRole("radio", { name: "Mật" }));
		expect(screen.getByRole("alert")).toHaveTextContent(
			"Hệ thống không nhận phiên có nội dung mật.",
		);
		await create(user);
		expect(bodies("POST sessions")).toEqual([]);
	});

	it("counts the title while it is typed, and cuts nothing", async () => {
		const { user, bodies } = await open();
		const title = await screen.findByLabelText("Tên phiên");
		await user.click(title);
		await user.paste("Họp ".repeat(30));
		expect(screen.getByText("119/200 ký tự")).toBeVisible();
		await user.paste("👨‍👩‍👧‍👦".repeat(81));
		expect(
			screen.getByText(/^Tên phiên dài quá 200 ký tự, đang là 201/),
		).toBeVisible();
		expect(title).toBeInvalid();
		await create(user);
		expect(bodies("POST sessions")).toEqual([]);
	});

	it("explains the room's mode, which follows the kind until somebody chooses it", async () => {
		const { user, bodies } = await open({
			"POST sessions": session({ code: "HOP-271119" }),
			"GET sessions/HOP-271119": session({ code: "HOP-271119" }),
			"GET sessions/HOP-271119/recordings": page([]),
		});
		await fillIn(user);
		const mode = screen.getByRole("group", { name: "Chế độ phòng khi mở" });
		const choose = (name: string) =>
			user.click(within(mode).getByRole("radio", { name }));
		expect(mode).toHaveTextContent(/Ai cũng tự mở micro và trình chiếu được/);
		await user.click(ofKind("Hội nghị"));
		expect(mode).toHaveTextContent(/Micro khóa khi vào; điểm được mời mới nói/);
		await choose("Thảo luận");
		await user.click(ofKind("Tập huấn"));
		expect(mode).toHaveTextContent(/Ai cũng tự mở micro và trình chiếu được/);
		await create(user);
		expect(bodies("POST sessions")).toMatchObject([
			{ kind: "training", preset: "discussion" },
		]);
	});

	it("explains each kind, and a conference is recorded unless said otherwise", async () => {
		const { user } = await open();
		const record = await screen.findByRole("checkbox", {
			name: "Tự ghi khi phiên bắt đầu",
		});
		expect(screen.getByText(/^Cuộc họp của các điểm cầu/)).toBeVisible();
		await user.click(ofKind("Hội nghị"));
		expect(screen.getByText(/^Chủ trì điều hành từng lượt/)).toBeVisible();
		expect(record).toBeChecked();
		await user.click(ofKind("Cuộc họp"));
		expect(record).not.toBeChecked();
		await user.click(record);
		await user.click(ofKind("Hội thảo"));
		expect(record).toBeChecked();
	});

	it("tells a member who may plan sessions, and shows no form", async () => {
		const { sent } = await open({ "GET me": teacher });
		expect(
			await screen.findByText("Tài khoản này không tạo phiên"),
		).toBeVisible();
		expect(screen.getByText(/quản trị đơn vị và giảng viên/)).toBeVisible();
		expect(screen.queryByRole("form")).toBeNull();
		expect(sent.map(({ request }) => request)).toEqual(["GET me"]);
	});

	it("offers free times, moves there at one press, and forgets the clash", async () => {
		const { user } = await open({
			"POST sessions": new Refused(409, "booking_conflict", {
				code: "TH-271119",
				title: "Tập huấn Tin học, lớp 3",
				point: "Sở GD&ĐT",
				starts_at_us: String(at(`${year}-11-19T14:00`)),
				ends_at_us: String(at(`${year}-11-19T16:30`)),
				free_1_us: String(at(`${year}-11-19T16:30`)),
				free_2_us: String(at(`${year}-11-20T14:00`)),
			}),
		});
		await fillIn(user);
		await create(user);
		const alert = await screen.findByRole("alert");
		const [, second] = within(alert).getAllByRole("button");
		expect(second).toHaveTextContent(`20/11/${year}`);
		await user.click(second as HTMLElement);
		expect(screen.getByLabelText("Ngày")).toHaveValue(`20/11/${year}`);
		expect(screen.getByLabelText("Từ")).toHaveValue("14:00");
		expect(screen.getByLabelText("Đến")).toHaveValue("15:30");
		expect(screen.queryByRole("alert")).toBeNull();
	});

	it("forgets the clash when the time is changed by hand", async () => {
		const { user } = await open({
			"POST sessions": new Refused(409, "booking_conflict", {
				code: "TH-271119",
			}),
		});
		await fillIn(user);
		await create(user);
		await screen.findByRole("alert");
		await retype(user, "Từ", "16h");
		expect(screen.queryByRole("alert")).toBeNull();
	});

	it("names the session that has the point, and leads to it", async () => {
		const { user } = await open({
			"POST sessions": new Refused(409, "booking_conflict", {
				code: "TH-271119",
				title: "Tập huấn Tin học, lớp 3",
				point: "Sở GD&ĐT",
				starts_at_us: String(at(`${year}-11-19T14:00`)),
				ends_at_us: String(at(`${year}-11-19T16:30`)),
			}),
		});
		await fillIn(user);
		await create(user);
		expect(await screen.findByRole("alert")).toHaveTextContent(
			`Sở GD&ĐT đã có Tập huấn Tin học, lớp 3, 14:00 đến 16:30 ngày 19/11/${year}.`,
		);
		expect(screen.getByRole("link", { name: "Xem phiên đó" })).toHaveAttribute(
			"href",
			"/s/TH-271119",
		);
	});
});
