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

it("leads from the list of a unit's administrator by a slip to a password of one's own", async () => {
	const found = server.account("quantri.xa");
	const { page: admin } = await people.stranger("somebody");
	await admin.goto(`${server.url}/accounts?state=none`);
	await admin.getByLabel("Tài khoản", { exact: true }).fill(found.login);
	await admin.getByLabel("Mật khẩu", { exact: true }).fill(found.password);
	await admin.getByRole("button", { name: "Đăng nhập" }).click();
	await admin.getByRole("checkbox").first().check();
	await admin.getByRole("button", { name: "Cấp mã, in 1 phiếu" }).click();
	const slip = admin.getByRole("article");
	const name = await slip.getByRole("heading").textContent();
	const login = await slip.locator("dd").nth(0).textContent();
	const code = await slip.locator("dd").nth(1).textContent();

	const { page: owner } = await people.stranger("somebody");
	const address = `${server.url}/first#${new URLSearchParams({ login: login ?? "", code: code ?? "" })}`;
	// A preview of the link spends nothing.
	await fetch(address).catch(() => undefined);
	await owner.goto(address);
	await owner.getByLabel("Mật khẩu mới", { exact: true }).fill("hoa ban trắng");
	await owner.getByLabel("Nhập lại mật khẩu mới").fill("hoa ban trắng");
	await owner
		.getByRole("button", { name: "Đặt mật khẩu và đăng nhập" })
		.click();
	await owner.getByRole("button", { name: `Tài khoản ${name}` }).waitFor();
	await owner.goto(`${server.url}/account`);
	await owner.getByText("Đang đăng nhập ở 1 nơi").waitFor();
	expect(await owner.getByText(login ?? "").count()).toBeGreaterThan(0);
});
