import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { People } from "../participants";
import { picture } from "../pictures";
import { Server } from "../server";

// One day of a department that begins with nothing: from the code that the server prints to a commune's own administrator
// in the first meeting.

let server: Server;
let people: People;

beforeAll(async () => {
	server = await Server.start({ empty: true });
	people = new People(server);
});

afterAll(async () => {
	await people?.end();
	await server?.stop();
});

const units = `Mã,Tên,Loại,Thuộc
XA-MT,UBND xã Mường Típ,"Xã, phường",SO
TH-MT,Trường TH Mường Típ,Trường,XA-MT
`;
const staff = `Mã;Họ và tên;Đơn vị;Chức vụ
0401;Lô Thị Hằng;XA-MT;Chuyên viên
0402;Vi Văn Đức;TH-MT;Hiệu trưởng
0403;Đỗ Đức;TH-MT;Giáo viên
`;

const file = (name: string, text: string) => ({
	name,
	mimeType: "text/csv",
	buffer: Buffer.from(text),
});

/** Fills fields, each by the words beside it. */
async function fill(page: Page, fields: Record<string, string>) {
	for (const [label, text] of Object.entries(fields)) {
		await page.getByLabel(label, { exact: true }).fill(text);
	}
}

const press = (page: Page, name: string | RegExp) =>
	page.getByRole("button", { name }).click();

it("a department begins: administrator, units, point, people, accounts, and the first meeting", async () => {
	const { page } = await people.stranger("the first administrator");

	const code = /mã dùng một lần: (.+)|one-time code: (.+)/.exec(server.log);
	await page.goto(server.url);
	await fill(page, {
		"Mã dùng một lần": code?.[1] ?? code?.[2] ?? "the log tells no code",
		"Tên Sở": "Sở GD&ĐT Hoan Châu",
		"Họ và tên": "Bùi Thị Hạnh Nguyên",
		"Tên tài khoản": "nguyen.bui",
		"Mật khẩu": "hoa ban trắng",
		"Nhập lại mật khẩu": "hoa ban trắng",
	});
	await picture(page, "ngay-dau");
	await press(page, "Tạo quản trị đầu tiên");
	await page
		.getByRole("button", { name: "Tài khoản Bùi Thị Hạnh Nguyên" })
		.waitFor();

	const root = await page.evaluate(async () => {
		const answer = await fetch("/api/v1/units");
		return (await answer.json()).units[0].code as string;
	});
	await page.goto(`${server.url}/units/import`);
	await page
		.getByLabel("Chọn tệp CSV")
		.setInputFiles(file("don-vi.csv", units.replace("SO\n", `${root}\n`)));
	await fill(page, {
		"Số, ký hiệu văn bản": "01/QĐ-SGDĐT",
		"Trích yếu": "Lập danh mục đơn vị",
	});
	await page
		.getByRole("row", { name: /Mường Típ.*mới/ })
		.first()
		.waitFor();
	await picture(page, "nhap-don-vi");
	await press(page, /^Ghi quyết định, /);
	await page
		.getByRole("list", { name: "Cây đơn vị" })
		.getByText(/Mường Típ/)
		.first()
		.click();
	await page.getByText("Bên dưới: 1 đơn vị").waitFor();
	await picture(page, "cay-don-vi");

	await page.goto(`${server.url}/points`);
	await press(page, "Thêm điểm cầu");
	const form = page.getByRole("dialog");
	await form.getByLabel("Tên điểm cầu").fill("Điểm cầu xã Mường Típ");
	await form
		.getByLabel("Đơn vị đặt điểm cầu")
		.and(page.locator("input"))
		.fill("xa muong tip");
	await page.getByRole("option", { name: /UBND xã Mường Típ/ }).click();
	await picture(page, "them-diem-cau");
	await form.getByRole("button", { name: "Thêm điểm cầu" }).click();
	await page.getByText("Điểm cầu xã Mường Típ").waitFor();

	await page.goto(`${server.url}/people/imports`);
	await page
		.locator("input[type=file]")
		.setInputFiles(file("can-bo.csv", staff));
	await page.getByRole("button", { name: /^Ghi 3 dòng/ }).waitFor();
	await picture(page, "nhap-danh-sach");
	await press(page, /^Ghi 3 dòng/);
	await page.getByText("Đã ghi 3 dòng.").waitFor();
	await page.goto(`${server.url}/people?q=do+duc`);
	await page.getByText("Đỗ Đức").waitFor();
	expect(await page.getByText("0403").count()).toBeGreaterThan(0);

	await page.goto(`${server.url}/accounts`);
	await page.getByRole("button", { name: "Lô Thị Hằng" }).click();
	await press(page, "Tạo tài khoản, in phiếu");
	const slip = page.getByRole("article");
	const login = (await slip.locator("dd").nth(0).textContent()) ?? "";
	const once = (await slip.locator("dd").nth(1).textContent()) ?? "";
	await picture(page, "phieu-tai-khoan");
	await press(page, "Quay lại danh sách");
	await page.getByRole("button", { name: "Lô Thị Hằng" }).click();
	await press(page, "Thêm vai trò");
	await page.getByLabel("Vai trò", { exact: true }).selectOption("unit_admin");
	await page
		.getByLabel("Ở đơn vị, gồm cả cấp dưới")
		.selectOption({ value: "XA-MT" });
	await picture(page, "them-vai-tro");
	await page.getByRole("button", { name: "Thêm vai trò" }).last().click();
	await page
		.getByRole("button", { name: /^Thu hồi Quản trị đơn vị/ })
		.waitFor();

	const { page: commune } = await people.stranger(
		"the commune's administrator",
	);
	await commune.goto(
		`${server.url}/first#${new URLSearchParams({ login, code: once })}`,
	);
	await fill(commune, {
		"Mật khẩu mới": "suối trong đá trắng",
		"Nhập lại mật khẩu mới": "suối trong đá trắng",
	});
	await picture(commune, "dang-nhap-lan-dau");
	await press(commune, "Đặt mật khẩu và đăng nhập");
	await commune
		.getByRole("button", { name: "Tài khoản Lô Thị Hằng" })
		.waitFor();
	await commune.goto(`${server.url}/people`);
	await commune.getByText("Vi Văn Đức").waitFor();
	expect(await commune.getByText("Bùi Thị Hạnh Nguyên").count()).toBe(0);
	await picture(commune, "nguoi-cua-don-vi");

	await page.goto(`${server.url}/sessions/new`);
	await page.getByLabel("Tên phiên").fill("Giao ban đầu tiên");
	await page.getByRole("checkbox", { name: /Mường Típ/ }).check();
	await page.getByRole("button", { name: "Tạo phiên" }).click();
	await page.getByRole("heading", { name: "Giao ban đầu tiên" }).waitFor();
	await picture(page, "phien-dau-tien");
	const session = new URL(page.url()).pathname;

	await commune.goto(`${server.url}${session}`);
	await commune.getByRole("heading", { name: "Giao ban đầu tiên" }).waitFor();
});
