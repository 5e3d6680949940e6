import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually } from "../eventually";
import { Cable } from "../network";
import { ownSecondsUntil } from "../ownSeconds";
import { chromiumPath, People, type Person } from "../participants";
import { Server } from "../server";

let cable: Cable;
let server: Server;
let people: People;
let watcher: Person;

beforeAll(async () => {
	cable = new Cable(79);
	server = await Server.start({ ip: cable.hostIp });
	people = new People(server);
	watcher = await people.stranger("watcher", {
		executable: cable.command(chromiumPath()),
	});
	const account = server.account("kythuat");
	const { page } = watcher;
	// Chromium drops what it loads while its network is being laid.
	await eventually(
		"the page to sign in",
		async () => {
			await page.goto(`${server.url}/sign-in?next=%2Fmonitor`);
			await page.getByLabel("Tài khoản").waitFor({ timeout: 10_000 });
			return true;
		},
		{ withinMs: 40_000 },
	);
	await page.getByLabel("Tài khoản").fill(account.login);
	await page.getByLabel("Mật khẩu", { exact: true }).fill(account.password);
	await page.getByRole("button", { name: "Đăng nhập" }).click();
	await page.getByRole("table").waitFor();
});

afterAll(async () => {
	await people?.end();
	await server?.stop();
	cable?.remove();
});

it.each([
	["its own cable is out", () => cable.pull(), () => cable.plug()],
	[
		"something on the way swallows everything",
		() => cable.blockPort(server.port),
		() => cable.unblock(),
	],
])(
	"when %s the board says within seconds that this device is cut off, vouches for nothing, and comes back by itself",
	async (_, cut, mend) => {
		const { page } = watcher;
		const sentence = "Máy này mất kết nối tới máy chủ";
		const said = page.getByText(sentence);
		const grey = page.locator("[data-silent]");
		expect(await said.isVisible()).toBe(false);
		cut();
		// The board asks every 5 s and waits 4 s for an answer.
		expect(await ownSecondsUntil(page, "body", sentence)).toBeLessThanOrEqual(
			10,
		);
		await grey.waitFor();
		expect(await page.getByRole("table").isVisible()).toBe(true);
		expect(await page.getByText(/Mã/).count()).toBe(0);
		mend();
		await said.waitFor({ state: "hidden", timeout: 40_000 });
		await grey.waitFor({ state: "detached" });
	},
);
