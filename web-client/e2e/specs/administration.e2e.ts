import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { People } from "../participants";
import { PostOffice } from "../postOffice";
import { Server } from "../server";

// What only an administrator does, and what others notice of it.

let post: PostOffice;
let server: Server;
let people: People;

beforeAll(async () => {
	post = await PostOffice.open();
	server = await Server.start({ env: post.env });
	people = new People(server);
});

afterEach(() => people.close());

afterAll(async () => {
	await people?.end();
	await server?.stop();
	await post?.close();
});

/** A page of somebody who has just signed in there. */
async function signedIn(login: string, path: string): Promise<Page> {
	const { password } = server.account(login);
	const { page } = await people.stranger(login);
	await page.goto(server.url + path);
	await page.getByLabel("Tài khoản", { exact: true }).fill(login);
	await page.getByLabel("Mật khẩu", { exact: true }).fill(password);
	await page.getByRole("button", { name: "Đăng nhập" }).click();
	await page.getByRole("button", { name: /^Tài khoản / }).waitFor();
	return page;
}

const press = (page: Page, name: string | RegExp) =>
	page.getByRole("button", { name }).click();

it("settings: two administrators at once lose nothing, and everybody sees the new name and emblem", async () => {
	const first = await signedIn("chutri", "/system/settings");
	const second = await signedIn("chutri", "/system/settings");
	const early = (page: Page) => page.getByLabel("Mở phòng trước giờ");
	await early(second).fill("25");
	await early(first).fill("999999");
	await first.getByText(/^Từ \d+ đến \d+$/).waitFor();
	expect(
		await first.getByRole("button", { name: /^Ghi \d/ }).isDisabled(),
	).toBe(true);
	await early(first).fill("20");
	await first.getByLabel("Tên đầy đủ").fill("Sở GDĐT Hoan Châu");
	await press(first, "Ghi 2 thay đổi");
	await first
		.getByRole("button", { name: /^Về mặc định ?: Mở phòng trước giờ/ })
		.waitFor();

	await press(second, "Ghi 1 thay đổi");
	await second.getByText(/^Người khác vừa sửa/).waitFor();
	expect(await early(second).inputValue()).toBe("25");
	await second.getByText("20 phút thành 25 phút").waitFor();
	await press(second, "Ghi 1 thay đổi");
	await second.getByRole("region", { name: "Thay đổi chưa ghi" }).waitFor({
		state: "hidden",
	});
	await first.reload();
	expect(await early(first).inputValue()).toBe("25");

	await first.locator("input[type=file]").setInputFiles({
		name: "bieu-trung.svg",
		mimeType: "image/svg+xml",
		buffer: Buffer.from(
			'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><circle cx="32" cy="32" r="30" fill="gold"/></svg>',
		),
	});
	await first.getByRole("button", { name: /^Bỏ, dùng biểu trưng/ }).waitFor();
	const { page: stranger } = await people.stranger("somebody");
	await stranger.goto(`${server.url}/sign-in`);
	await stranger.getByText("Sở GDĐT Hoan Châu").first().waitFor();
	const drawn = await stranger
		.locator("img[src*=emblem]")
		.first()
		.evaluate(async (image: HTMLImageElement) => {
			await image.decode();
			return image.naturalWidth;
		});
	expect(drawn).toBeGreaterThan(0);

	const member = await signedIn("chuyenvien", "/system/settings");
	await member.getByText("Tài khoản này không mở được mục Hệ thống").waitFor();
});

it("an API key is seen once, opens what it says and nothing else, and not after it was taken back", async () => {
	const page = await signedIn("chutri", "/system/keys");
	await press(page, "Tạo khóa");
	await page.getByText("Chọn ít nhất một việc.").waitFor();
	await page.getByLabel("Phần mềm nào dùng khóa này").fill("Phần mềm học bạ");
	await page
		.getByRole("combobox", { name: "Đơn vị" })
		.selectOption({ index: 1 });
	await page.getByLabel("Xem người và chức vụ").check();
	await press(page, "Tạo khóa");
	const field = page.getByLabel("Khóa", { exact: true });
	const secret = await field.inputValue();
	await page.reload();
	await page.getByRole("row", { name: /Phần mềm học bạ/ }).waitFor();
	expect(await page.content()).not.toContain(secret);

	/** What the interface answers to whoever has nothing but the key. */
	const asks = async (method: string, path: string) => {
		const { page: other } = await people.stranger("another system");
		const answer = await other.request.fetch(`${server.url}/api/v1/${path}`, {
			method,
			headers: { authorization: `Bearer ${secret}` },
			...(method === "POST" && { data: { name: "Ai đó" } }),
		});
		return answer.status();
	};
	expect(await asks("GET", "people")).toBe(200);
	expect(await asks("POST", "people")).toBe(403);
	expect(await asks("GET", "audit-log")).toBe(403);
	await page.reload();
	await page.getByRole("row", { name: /Phần mềm học bạ/ }).waitFor();
	expect(await page.getByText("Chưa dùng").count()).toBe(0);

	await press(page, "Thu hồi khóa của Phần mềm học bạ");
	await press(page, "Giữ lại");
	expect(await asks("GET", "people")).toBe(200);
	await press(page, "Thu hồi khóa của Phần mềm học bạ");
	await page.getByTestId("revoke-key").click();
	await page.getByText("Đã thu hồi").waitFor();
	expect(await asks("GET", "people")).toBe(401);
});

it("a letter brings a teacher to an account, and its code works once", async () => {
	const page = await signedIn("chutri", "/people");
	await page.getByRole("link", { name: "Thêm người" }).click();
	await page.getByLabel("Họ và tên").fill("Vi Thị Mai Sương");
	await page.getByLabel("Thư điện tử").fill("mai.suong@truong.example.vn");
	await page
		.getByRole("combobox", { name: "Đơn vị" })
		.selectOption({ index: 1 });
	await page.getByLabel("Chức vụ").fill("Giáo viên");
	await press(page, "Thêm người");
	await page.getByRole("heading", { name: "Vi Thị Mai Sương" }).waitFor();

	await page.goto(`${server.url}/accounts?q=mai+suong`);
	await press(page, "Vi Thị Mai Sương");
	await press(page, "Gửi thư mời");
	const letter = await post.letterTo("mai.suong@truong.example.vn");
	expect(letter.from?.address).toBe("diemcau@so.example.vn");
	const address = /https:\/\/\S+\/first#\S+/.exec(letter.text ?? "")?.[0] ?? "";
	expect(address).toContain(server.url);
	await page
		.getByText(/đã gửi thư mời/)
		.first()
		.waitFor();

	const { page: owner } = await people.stranger("who was invited");
	await owner.goto(address);
	await owner
		.getByLabel("Mật khẩu mới", { exact: true })
		.fill("mây trên núi cao");
	await owner.getByLabel("Nhập lại mật khẩu mới").fill("mây trên núi cao");
	await press(owner, "Đặt mật khẩu và đăng nhập");
	await press(owner, "Tài khoản Vi Thị Mai Sương");

	// The letter's code is spent.
	const { page: thief } = await people.stranger("who found the letter");
	await thief.goto(address);
	await thief
		.getByLabel("Mật khẩu mới", { exact: true })
		.fill("kẻ nhặt được thư");
	await thief.getByLabel("Nhập lại mật khẩu mới").fill("kẻ nhặt được thư");
	await press(thief, "Đặt mật khẩu và đăng nhập");
	await thief.getByText(/^Tài khoản hoặc mã chưa đúng/).waitFor();
	expect(await thief.getByRole("button", { name: /^Tài khoản / }).count()).toBe(
		0,
	);
});

it("somebody's data are handed out and deleted, with a report, and the name is found nowhere afterwards", async () => {
	const page = await signedIn("chutri", "/people?q=mai+suong");
	await page.getByRole("link", { name: "Vi Thị Mai Sương" }).click();
	const [kept] = await Promise.all([
		page.waitForEvent("download"),
		page.getByRole("link", { name: "Xuất dữ liệu" }).click(),
	]);
	expect(await readFile(await kept.path(), "utf8")).toContain(
		"mai.suong@truong.example.vn",
	);

	await page.getByRole("link", { name: "Xóa dữ liệu…" }).click();
	const field = page.getByLabel(/^Gõ .+ để xác nhận$/);
	const key = page.getByRole("button", { name: "Xóa dữ liệu cá nhân" });
	await field.fill("ai đó");
	expect(await key.isDisabled()).toBe(true);
	const label = await page.getByText(/^Gõ .+ để xác nhận$/).textContent();
	await field.fill(/^Gõ (.+) để xác nhận$/.exec(label ?? "")?.[1] ?? "");
	await key.click();
	await page.getByText(/^Đã xóa xong lúc/).waitFor();
	const [report] = await Promise.all([
		page.waitForEvent("download"),
		page.getByRole("link", { name: "Tải biên bản" }).click(),
	]);
	expect(await readFile(await report.path(), "utf8")).not.toContain(
		"Mai Sương",
	);

	await page.goto(`${server.url}/people?q=mai+suong`);
	await page.getByText("Không có ai khớp").waitFor();
	await page.goto(`${server.url}/system/log`);
	await page.getByRole("row", { name: /Xóa dữ liệu cá nhân/ }).waitFor();
	expect(await page.getByText("Mai Sương").count()).toBe(0);
	await press(page, "Kiểm tra");
	await page.getByText("Nguyên vẹn", { exact: true }).waitFor();
});
