import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { Complaints } from "../complaints";
import { eventually } from "../eventually";
import { People, type Person } from "../participants";
import { type DemoAccount, Server } from "../server";

// Nothing is wrong in any of these walks, so no browser has anything to complain of.

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

/** Opens an address as if typed, and waits until its heading is there and nothing loads any more. */
async function open(page: Page, path: string): Promise<void> {
	await page.goto(`${server.url}${path}`);
	await settled(page);
}

async function settled(page: Page): Promise<void> {
	await page.locator("h1").first().waitFor();
	await eventually(
		"everything is loaded",
		async () => (await page.locator("[aria-busy=true]").count()) === 0,
	);
	await page.waitForLoadState("networkidle");
}

async function signIn(page: Page, { login, password }: DemoAccount) {
	await open(page, "/");
	await page.getByLabel("Tài khoản").fill(login);
	await page.getByLabel("Mật khẩu", { exact: true }).fill(password);
	await page.getByRole("button", { name: "Đăng nhập" }).click();
	await page.getByRole("button", { name: /^Tài khoản / }).waitFor();
	await settled(page);
}

const complaintsOf = (person: Person) => new Complaints(person.page);

it.each([
	["chutri", "an administrator of the department, who presides"],
	["thuky", "an administrator of a unit, who is the secretary"],
	["quantri.xa", "an administrator of a commune"],
	["giangvien", "a trainer"],
	["kythuat", "IT staff"],
	["chuyenvien", "somebody without an office"],
])(
	"no page complains to %s, %s, who walks through all of them",
	async (login) => {
		const person = await people.stranger(login);
		const complaints = complaintsOf(person);
		const { page } = person;
		await signIn(page, server.account(login));
		for (const path of [
			"/",
			"/sessions/new",
			"/classes",
			"/monitor",
			"/account",
			"/accounts",
			`/s/${server.session}`,
			`/s/${server.session}/room`,
		]) {
			await open(page, path);
			expect(complaints.take(), path).toEqual([]);
		}
		await open(page, "/classes");
		const lessons = page.getByRole("heading", { level: 2 }).getByRole("link");
		if ((await lessons.count()) > 0) {
			await lessons.first().click();
			await page.waitForURL(/\/classes\/./);
			await settled(page);
		}
		await open(page, "/monitor");
		const point = page.getByRole("table").getByRole("button").first();
		if ((await point.count()) > 0) {
			await point.click();
			await page.getByText("30 ngày").click();
			await settled(page);
		}
		await page.getByRole("button", { name: /^Tài khoản / }).click();
		await page.getByRole("menuitem", { name: "Đăng xuất" }).click();
		await page.getByRole("heading", { name: "Đăng nhập" }).waitFor();
		await settled(page);
		expect(complaints.take()).toEqual([]);
	},
);

it("nobody complains of a link: not the guest who says a name, not the point that goes in at once", async () => {
	const guest = await people.stranger("guest");
	const ofGuest = complaintsOf(guest);
	const { secret } = await people.link({ role: "presenter" });
	await open(guest.page, `/j/${secret}`);
	await guest.page.getByLabel("Tên của mình").fill("Lô Thị Hằng");
	await guest.page.getByRole("button", { name: "Vào họp" }).click();
	await guest.page.getByTestId("join").waitFor();
	await guest.join({ microphone: true });
	await guest.leave();
	for (const path of ["/", "/classes", "/monitor", "/sessions/new"]) {
		await open(guest.page, path);
	}
	expect(ofGuest.take()).toEqual([]);

	const point = await people.stranger("point");
	const ofPoint = complaintsOf(point);
	await open(point.page, `/j/${await people.pointLink(1)}`);
	await point.page.getByTestId("join").waitFor();
	await point.join();
	await point.leave();
	await open(point.page, `/s/${server.session}`);
	expect(ofPoint.take()).toEqual([]);
});

it("nobody complains of a session from its plan to its end, with its links and its door", async () => {
	const chair = await people.stranger("chair");
	const complaints = complaintsOf(chair);
	const { page } = chair;
	await signIn(page, server.account("chutri"));
	await page.getByRole("link", { name: "Tạo phiên" }).first().click();
	await page.getByLabel("Tên phiên").fill("Kiểm tra đường truyền");
	await page
		.getByRole("group", { name: "Loại phiên" })
		.getByText("Hội nghị", { exact: true })
		.click();
	const soon = new Date(Date.now() + 7 * 86_400_000);
	await page
		.getByLabel("Ngày", { exact: true })
		.fill(`${soon.getDate()}/${soon.getMonth() + 1}/${soon.getFullYear()}`);
	await page.getByRole("checkbox").nth(-1).scrollIntoViewIfNeeded();
	await page.getByRole("checkbox").nth(-1).check();
	await page.getByRole("button", { name: "Tạo phiên" }).click();
	await page.waitForURL(/\/s\/(?!new)[^/]+$/);
	await settled(page);
	expect(complaints.take()).toEqual([]);
	const planned = new URL(page.url()).pathname;

	await page.getByRole("button", { name: "Tạo đường dẫn" }).click();
	await page.getByText("Đã cấp 1 đường dẫn").waitFor();
	await page.reload();
	await settled(page);
	await page.getByRole("button", { name: /^Thu hồi/ }).click();
	await page.getByRole("button", { name: "Thu hồi", exact: true }).click();
	await page.getByText(/^.*Thu hồi \d\d:\d\d/).waitFor();
	await open(page, `${planned}/room`);
	await page.getByTestId("doorstep").waitFor();
	expect(complaints.take()).toEqual([]);

	await open(page, `/s/${server.session}`);
	await chair.join({ microphone: true });
	await chair.openPanel("commands");
	await chair.leave();
	await open(page, `/s/${server.session}`);
	expect(complaints.take()).toEqual([]);
	// Ended by the interface: the key in the room has its own test.
	const ended = await page.request.post(
		`${server.url}/api/v1/sessions/${server.session}/end`,
		{ headers: { origin: server.url } },
	);
	expect(ended.status()).toBe(204);
	await eventually("the page tells the end", async () => {
		await open(page, `/s/${server.session}`);
		return page.getByRole("button", { name: "In trang này" }).isVisible();
	});
	await page.getByRole("table").waitFor();
	await open(page, `/s/${server.session}/room`);
	await page.getByTestId("closed").waitFor();
	await open(page, "/");
	expect(complaints.take()).toEqual([]);
});
