import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { People } from "../participants";
import { ProviderProcess } from "../provider";
import { Server } from "../server";

let provider: ProviderProcess;
let server: Server;
let people: People;

beforeAll(async () => {
	provider = await ProviderProcess.somewhere();
	server = await Server.start({
		signaling: `
[oidc]
issuer = "${provider.issuer}"
client_id = "diemcau"
client_secret = "${provider.secret}"
mapping = [{ group = "can-bo", role = "it_staff", unit = "KHONG-CO" }]
`,
	});
	await provider.start(server.url);
	people = new People(server);
});

afterAll(async () => {
	await people?.end();
	await provider?.stop();
	await server?.stop();
});

const key = (page: Page) =>
	page.getByRole("button", { name: "Đăng nhập bằng tài khoản Sở" });

/** Signs out by the menu of the page. */
async function signOut(page: Page): Promise<void> {
	await page.getByRole("button", { name: /^Tài khoản / }).click();
	await page.getByRole("menuitem", { name: "Đăng xuất" }).click();
	await page.getByRole("heading", { name: "Đăng nhập" }).waitFor();
}

it("links an account with somebody of the provider, who signs in by it from then on, and by the password when it is down", async () => {
	const found = server.account("quantri.xa");
	const { page } = await people.stranger("somebody");
	const byPassword = async () => {
		await page.getByLabel("Tài khoản", { exact: true }).fill(found.login);
		await page.getByLabel("Mật khẩu", { exact: true }).fill(found.password);
		await page.getByRole("button", { name: "Đăng nhập", exact: true }).click();
	};

	// The provider knows them, and nobody here does.
	await page.goto(`${server.url}/sign-in?next=/account`);
	await key(page).click();
	await provider.letIn(page, found.login);
	await page.getByText("chưa liên kết với ai ở Điểm Cầu").waitFor();
	await page.getByRole("link", { name: "Về trang đăng nhập" }).click();

	await page.goto(`${server.url}/sign-in?next=/account`);
	await byPassword();
	await page.getByRole("button", { name: "Liên kết tài khoản ngoài" }).click();
	await provider.letIn(page, "binh.luong");
	await page.getByText("binh.luong, 127.0.0.1").waitFor();
	expect(new URL(page.url()).pathname).toBe("/account");
	expect(new URL(page.url()).search).toBe("");
	await signOut(page);

	// Still signed in at the provider, which asks for nothing more.
	await page.goto(`${server.url}/sign-in?next=/account`);
	await key(page).click();
	await page.getByText("binh.luong, 127.0.0.1").waitFor();
	await page.getByText(/đăng nhập lần cuối lúc/).waitFor();
	await signOut(page);

	// It comes back with other keys, while the server runs on.
	await provider.stop();
	await provider.start(server.url);
	await page.goto(`${server.url}/sign-in?next=/account`);
	await key(page).click();
	await provider.letIn(page, "binh.luong");
	await page.getByText("binh.luong, 127.0.0.1").waitFor();
	await signOut(page);

	await provider.stop();
	// For some seconds the server trusts what the provider said last: whoever leaves then finds nobody there, and comes back.
	await expect
		.poll(
			async () => {
				await page.goto(`${server.url}/sign-in?next=/account`);
				await key(page).click();
				const told = page.getByText(/đang không trả lời/);
				return told.waitFor({ timeout: 5_000 }).then(
					() => "told",
					() => "left",
				);
			},
			{ timeout: 60_000, interval: 1_000 },
		)
		.toBe("told");
	await byPassword();
	await page.getByText("binh.luong, 127.0.0.1").waitFor();
});
