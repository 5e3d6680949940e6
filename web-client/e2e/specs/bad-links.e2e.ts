import { afterAll, beforeAll, expect, it } from "vitest";
import { People, type Person } from "../participants";
import { Server } from "../server";

let server: Server;
let people: People;

beforeAll(async () => {
	server = await Server.start({
		// A link works until the planned end of its session and not an hour longer.
		env: { DIEMCAU_SIGNALING__SESSIONS__LINK_HOURS_AFTER_END: "0" },
	});
	people = new People(server);
});

afterAll(async () => {
	await people?.end();
	await server?.stop();
});

/** Follows a link and waits until the page says that it does not work: in one sentence, and what to do. */
async function isTurnedAway(
	person: Person,
	secret: string,
	sentence: string,
): Promise<void> {
	const { page } = person;
	await page.goto(`${server.url}/j/${secret}`);
	const alert = page.getByRole("alert");
	await alert.waitFor();
	expect(await alert.count()).toBe(1);
	expect((await alert.innerText()).trim()).toBe(
		`${sentence} Hỏi người gửi để lấy đường dẫn mới.`,
	);
	await page.getByRole("link", { name: "Đăng nhập bằng tài khoản" }).waitFor();
}

it("a link that was taken back says so, and who has a new one", async () => {
	const link = await people.link({ role: "viewer", name: "Vi Văn Anh" });
	const guest = await people.stranger("guest");
	await people.revoke(link);
	await isTurnedAway(guest, link.secret, "Đường dẫn này đã bị thu hồi.");
});

it("taking it back also turns away whoever had come by it", async () => {
	const link = await people.link({ role: "viewer", name: "Vi Văn Anh" });
	const guest = await people.stranger("guest");
	await guest.page.goto(`${server.url}/j/${link.secret}`);
	await guest.page.getByTestId("join").waitFor();
	await people.revoke(link);
	await guest.page.goto(`${server.url}/s/${server.session}/room`);
	await guest.page.getByRole("button", { name: "Đăng nhập" }).waitFor();
});

it("a link whose time is over says so", async () => {
	const link = await people.link({ role: "viewer", name: "Vi Văn Anh" });
	await server.outlive(link);
	const guest = await people.stranger("guest");
	await isTurnedAway(guest, link.secret, "Đường dẫn này đã hết hạn.");
});

it("a link that nobody made says so", async () => {
	const guest = await people.stranger("guest");
	await isTurnedAway(guest, "khong-co", "Đường dẫn này không dùng được.");
});

it("an unknown session code says so and leads back to the sessions there are", async () => {
	const { page } = await people.chair();
	for (const path of ["/s/KHONG-CO", "/s/KHONG-CO/room"]) {
		await page.goto(server.url + path);
		await page
			.getByRole("alert")
			.getByText(
				"Không có phiên này, hoặc tài khoản này không được xem. Kiểm tra lại mã phiên trong giấy mời.",
			)
			.waitFor();
	}
	await page.getByRole("link", { name: "Về trang hôm nay" }).click();
	await page.locator(`a[href^="/s/${server.session}"]`).first().waitFor();
});

it("and the server goes on: a good link leads in", async () => {
	const guest = await (await people.guest("presenter", "Lô Thị Hằng")).join();
	const viewer = await (await people.guest("presenter", "Vi Văn Anh")).join();
	await viewer.seesSeat(guest);
});
