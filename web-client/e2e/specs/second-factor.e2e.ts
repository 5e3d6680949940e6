import { createHmac } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { People } from "../participants";
import { Server } from "../server";

let server: Server;
let people: People;

beforeAll(async () => {
	server = await Server.start();
	people = new People(server);
});

afterEach(() => people.close());

afterAll(async () => {
	await people?.end();
	await server?.stop();
});

/** What a phone makes of a secret, so many half minutes from now (RFC 6238). */
function codeOf(secret: string, steps = 0): string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	const bits = [...secret]
		.map((letter) => letters.indexOf(letter).toString(2).padStart(5, "0"))
		.join("");
	const key = Buffer.from(
		(bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)),
	);
	const count = Buffer.alloc(8);
	count.writeBigInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
	const mac = createHmac("sha1", key).update(count).digest();
	const number = mac.readUInt32BE((mac.at(-1) ?? 0) & 15) & 0x7fff_ffff;
	return String(number % 1_000_000).padStart(6, "0");
}

it("leads from one's own account to a sign-in in two steps, by phone and by paper", async () => {
	const found = server.account("quantri.xa");
	const { page } = await people.stranger("somebody");
	const signIn = async () => {
		await page.goto(`${server.url}/account`);
		await page.getByLabel("Tài khoản", { exact: true }).fill(found.login);
		await page.getByLabel("Mật khẩu", { exact: true }).fill(found.password);
		await page.getByRole("button", { name: "Đăng nhập" }).click();
	};
	const signOut = async () => {
		await page.getByRole("button", { name: /^Tài khoản / }).click();
		await page.getByRole("menuitem", { name: "Đăng xuất" }).click();
		await page.getByRole("heading", { name: "Đăng nhập" }).waitFor();
	};
	await signIn();
	const section = page.getByRole("region", { name: "Xác thực hai lớp" });
	await section.getByRole("button", { name: "Bật xác thực hai lớp" }).click();
	await section.getByLabel("Mật khẩu hiện tại").fill(found.password);
	await section.getByRole("button", { name: "Tiếp tục" }).click();
	const address = await section.getByRole("link").getAttribute("href");
	const secret = new URL(address ?? "").searchParams.get("secret") ?? "";
	// The phone is half a minute behind; the next code is then a new one.
	await section.getByLabel("Mã 6 số").fill(codeOf(secret, -1));
	await section.getByRole("button", { name: "Bật xác thực hai lớp" }).click();
	const paper = await section
		.getByText(/^([0-9A-Z]{4} ?){3}$/)
		.first()
		.textContent();
	await section.getByRole("button", { name: "Đã cất mã" }).click();
	await section.getByText("Còn 10 mã dự phòng").waitFor();

	await signOut();
	await signIn();
	await page.getByLabel("Mã 6 số").fill(codeOf(secret));
	await page.getByRole("button", { name: "Xác nhận" }).click();
	await section.getByText(/^Đang bật từ/).waitFor();

	await signOut();
	await signIn();
	await page.getByRole("button", { name: /^Không có điện thoại/ }).click();
	await page.getByLabel("Mã dự phòng").fill(paper ?? "");
	await page.getByRole("button", { name: "Xác nhận" }).click();
	await page.getByText("Còn 9 mã dự phòng").waitFor();
	await page.getByRole("button", { name: "Tiếp tục" }).click();
	await section.getByText("Còn 9 mã dự phòng").waitFor();
	expect(await page.getByText(secret).count()).toBe(0);
});
