// Draws every page at the sizes we design for, and on a phone that lies on its side, into a folder, and reports what the browser complained about and
// what axe found. `npm run build` first. `node tools/shots.mjs [folder] [name…]`.
import { mkdir } from "node:fs/promises";
import AxeBuilder from "@axe-core/playwright";
import { chromium } from "playwright-core";
import { startMock } from "./mock-server.mjs";

const [folder = "../.e2e/shots", ...only] = process.argv.slice(2);
const now = Date.parse("2026-11-17T07:48:20+07:00");
const sizes = [
	{ width: 1366, height: 768 },
	{ width: 390, height: 844 },
	{ width: 844, height: 390 },
];

/** Name, who looks, address, and what is done before the picture is taken. */
const scenes = [
	["sign-in", null, "/sign-in"],
	["sign-in-wrong", null, "/sign-in", signInWrongly],
	["sign-in-provider", "sso", "/sign-in"],
	["sign-in-provider-down", "sso-down", "/sign-in"],
	["sign-in-provider-fails", "sso", "/sign-in", pressProvider],
	["provider-unknown", null, "/sign-in/provider?state=a&code=b"],
	["first-sign-in-provider", "sso", "/first#login=hoai.vi&code=7KQ4+MW2P"],
	["first-sign-in", null, "/first#login=hoai.vi&code=7KQ4+MW2P"],
	["first-day", "fresh", "/first-day"],
	["link-guest", null, "/j/new"],
	["link-early", null, "/j/early"],
	["link-over", null, "/j/over"],
	["link-expired", null, "/j/old"],
	["home", "lanh", "/"],
	["home-empty", "hoai", "/"],
	["home-english", "lanh", "/", english],
	["home-chosen", "lanh", "/?kind=training"],
	["home-none", "lanh", "/?kind=seminar&unit=LA"],
	["session", "lanh", "/s/GB-1126"],
	["session-planned", "lanh", "/s/HN-20"],
	["session-ended", "lanh", "/s/TH03-B2"],
	["session-lapsed", "lanh", "/s/KT-11"],
	["session-revoke", "lanh", "/s/GB-1126", revoke],
	["session-move", "lanh", "/s/HN-20", moveOntoOthers],
	["session-edit", "lanh", "/s/HN-20", openForm("Sửa")],
	["session-extend", "lanh", "/s/GB-1126", openForm("Gia hạn")],
	["session-cancel", "lanh", "/s/HN-20", openForm("Hủy phiên")],
	["door-early", "lanh", "/s/STEM/room"],
	["door-closed", "lanh", "/s/GB-1026/room"],
	["session-missing", "lanh", "/s/KHONG"],
	["new", "lanh", "/sessions/new"],
	["new-member", "hoai", "/sessions/new"],
	["new-long", "lanh", "/sessions/new", writeMuch],
	["new-errors", "lanh", "/sessions/new", pressCreate],
	["new-secret", "lanh", "/sessions/new", chooseSecret],
	["new-conflict", "lanh", "/sessions/new", makeConflict],
	["classes", "lanh", "/classes"],
	["class", "lanh", "/classes/TH-03"],
	["people", "lanh", "/people"],
	["people-found", "lanh", "/people?q=do+duc"],
	["people-not", "hoai", "/people"],
	["person", "lanh", "/people/p2"],
	["person-edit", "lanh", "/people/p2", editPerson],
	["person-end", "lanh", "/people/p2", endAppointment],
	["person-erase", "lanh", "/people/p2/erase", typeTheCode],
	["person-erased", "lanh", "/people/gone"],
	["person-new", "lanh", "/people/new"],
	["person-namesake", "lanh", "/people/new", meetNamesake],
	["imports", "lanh", "/people/imports"],
	["import", "lanh", "/people/imports/i1"],
	["import-changed", "lanh", "/people/imports/i1", showChanges],
	["import-columns", "lanh", "/people/imports/i1", openColumns],
	["import-writing", "lanh", "/people/imports/i3"],
	["import-done", "lanh", "/people/imports/i2"],
	["units", "lanh", "/units?unit=XA-MX"],
	["units-planned", "lanh", "/units?day=2027-01-01&unit=TH-MT&find=muong"],
	["units-ended", "lanh", "/units?unit=PGD-KS"],
	["units-decision", "lanh", "/units?unit=XA-MX", mergeUnits],
	["units-decisions", "lanh", "/units/decisions"],
	["points", "lanh", "/points"],
	["points-edit", "lanh", "/points", editPoint],
	["units-import", "lanh", "/units/import", chooseFile],
	["monitor", "lanh", "/monitor"],
	["monitor-detail", "lanh", "/monitor", openPoint],
	["monitor-month", "lanh", "/monitor", openMonth],
	["monitor-cut", "lanh", "/monitor", pullTheCable],
	["replay", "lanh", "/recordings/r1"],
	["replay-composing", "lanh", "/recordings/r2"],
	["replay-failed", "lanh", "/recordings/r3"],
	["guide", "moi", "/guide"],
	["guide-home", "moi", "/"],
	["guide-done", "lanh", "/guide"],
	["settings", "lanh", "/system/settings"],
	["settings-changed", "lanh", "/system/settings", changeSettings],
	["backups", "lanh", "/system/backups"],
	["keys", "lanh", "/system/keys"],
	["keys-made", "lanh", "/system/keys", makeKey],
	["log", "lanh", "/system/log"],
	["log-line", "lanh", "/system/log", openLine],
	["log-checked", "lanh", "/system/log?action=remove", checkLog],
	["log-member", "hoai", "/system/log"],
	["account", "lanh", "/account"],
	["factor-step", null, "/sign-in", showPhone("111111")],
	["factor-recovery", null, "/sign-in", showPhone("7KQ4 MW2P XH3R")],
	["factor-owed", "owing", "/second-factor"],
	["factor-owed-qr", "owing", "/second-factor", pressBegin],
	["factor-owed-codes", "owing", "/second-factor", confirmOwed],
	["factor-own-qr", "hoai", "/account", setUpFactor],
	["factor-own-codes", "hoai", "/account", confirmFactor],
	["factor-own-off", "lanh", "/account", openFactorOff],
	["accounts", "lanh", "/accounts"],
	["accounts-chosen", "lanh", "/accounts", choosePeople],
	["accounts-person", "lanh", "/accounts", openPerson],
	["accounts-slips", "lanh", "/accounts", printSlips],
	["menu", "lanh", "/", openMenu],
	["not-found", null, "/nowhere/at/all"],
];

async function makeKey(page) {
	await page.getByLabel("Phần mềm nào dùng khóa này").fill("Phần mềm học bạ");
	await page.getByLabel("Đơn vị", { exact: true }).selectOption({ index: 1 });
	await page.getByLabel("Xem người và chức vụ").check();
	await page.getByRole("button", { name: "Tạo khóa" }).click();
	await page.getByText("Khóa chỉ hiện một lần").waitFor();
}

async function signInWrongly(page) {
	await page.getByLabel("Tài khoản", { exact: true }).fill("hoai");
	await page.getByLabel("Mật khẩu", { exact: true }).fill("sai");
	await page.getByRole("button", { name: "Đăng nhập" }).click();
	await page.getByText("chưa đúng").waitFor();
}
async function pressProvider(page) {
	await page.getByRole("button", { name: /tài khoản Sở/ }).click();
	await page.getByText("đang không trả lời").waitFor();
}
async function changeSettings(page) {
	await page.getByLabel("Mở phòng trước giờ", { exact: true }).fill("45");
	await page.getByLabel("Bản ghi dự giờ").fill("90");
	await page.getByText("2 thay đổi chưa ghi").waitFor();
}
function showPhone(code) {
	return async (page) => {
		await page.getByLabel("Tài khoản", { exact: true }).fill("hai.lop");
		await page.getByLabel("Mật khẩu", { exact: true }).fill("matkhau");
		await page.getByRole("button", { name: "Đăng nhập" }).click();
		await page.getByLabel("Mã 6 số").waitFor();
		const digits = /^\d+$/.test(code);
		if (!digits) await page.getByRole("button", { name: /^Không có/ }).click();
		await page.getByLabel(digits ? "Mã 6 số" : "Mã dự phòng").fill(code);
		await page.getByRole("button", { name: "Xác nhận" }).click();
		await page
			.getByText(digits ? "Đồng hồ của điện thoại" : "Còn 2 mã dự phòng")
			.waitFor();
	};
}
async function pressBegin(page) {
	await page.getByRole("button", { name: "Bắt đầu" }).click();
	await page.getByLabel("Mã 6 số").waitFor();
}
async function confirmOwed(page) {
	await pressBegin(page);
	await page.getByLabel("Mã 6 số").fill("123456");
	await page.getByRole("button", { name: "Bật xác thực hai lớp" }).click();
	await page.getByText("XH3A").first().waitFor();
}
async function setUpFactor(page) {
	await page.getByRole("button", { name: "Bật xác thực hai lớp" }).click();
	const section = page.getByRole("region", { name: "Xác thực hai lớp" });
	await section.getByLabel("Mật khẩu hiện tại").fill("hoa ban");
	await section.getByRole("button", { name: "Tiếp tục" }).click();
	await section.getByLabel("Mã 6 số").waitFor();
}
async function confirmFactor(page) {
	await setUpFactor(page);
	await page.getByLabel("Mã 6 số").fill("123456");
	await page.getByRole("button", { name: "Bật xác thực hai lớp" }).click();
	await page.getByText("XH3A").first().waitFor();
}
async function openFactorOff(page) {
	await page.getByRole("button", { name: "Tắt" }).click();
	await page.getByLabel("Mã 6 số hoặc mã dự phòng").waitFor();
}
function openForm(key) {
	return async (page) => {
		await page.getByRole("button", { name: key, exact: true }).click();
		await page.getByRole("form").waitFor();
		// The drawer is white when it has come in.
		await page.waitForFunction(() =>
			document.getAnimations().every((one) => one.playState !== "running"),
		);
	};
}
async function moveOntoOthers(page) {
	await openForm("Dời lịch")(page);
	await page.getByLabel("Từ", { exact: true }).fill("14:00");
	await page.getByLabel("Đến", { exact: true }).fill("16:30");
	await page.getByRole("button", { name: /^Dời sang/ }).click();
	await page.getByRole("radio").first().waitFor();
}
async function english(page) {
	await openMenu(page);
	await page.getByRole("menuitem", { name: "English" }).click();
	await page.getByText("Other sessions today").waitFor();
}
async function openMenu(page) {
	await page.getByRole("button", { name: /Tài khoản/ }).click();
	await page.getByRole("menuitem", { name: "Đăng xuất" }).waitFor();
}
async function showChanges(page) {
	await page.getByText("Thay đổi 56").click();
	await page.getByText("Lương Văn Bính").waitFor();
}
async function openColumns(page) {
	await page.getByRole("button", { name: /^Ghép cột/ }).click();
	await page.getByRole("button", { name: "Xem lại" }).waitFor();
}
async function editPerson(page) {
	await page.getByRole("button", { name: "Sửa" }).click();
	await page.getByRole("button", { name: "Thêm phân công" }).click();
	await page.getByLabel("Chức vụ").waitFor();
}
async function endAppointment(page) {
	await page
		.getByRole("button", { name: /^Cho thôi/ })
		.first()
		.click();
	await page.getByLabel("Ngày cuối còn giữ chức vụ").waitFor();
}
async function meetNamesake(page) {
	await page.getByLabel("Họ và tên").fill("Lô Thị An");
	await page.getByLabel("Đơn vị", { exact: true }).selectOption("DV-15");
	await page.getByLabel("Chức vụ").fill("Giáo viên");
	await page.getByRole("button", { name: "Thêm người" }).click();
	await page.getByText("Là người khác, cứ thêm").waitFor();
}
async function openPerson(page) {
	await page.getByRole("button", { name: "Lô Văn Dần" }).click();
	await page.getByRole("button", { name: "Thêm vai trò" }).click();
	await page.getByLabel("Đến hết ngày").waitFor();
}
async function choosePeople(page) {
	for (const name of ["Lê Thị Ánh", "Vi Thị Hoài", "Hà Văn Khăm"]) {
		await page.getByRole("checkbox", { name: `Chọn ${name}` }).check();
	}
}
async function printSlips(page) {
	await choosePeople(page);
	await page.getByRole("button", { name: /^Cấp mã/ }).click();
	await page.getByRole("heading", { name: "In 2 phiếu" }).waitFor();
}
async function pressCreate(page) {
	await page.getByRole("button", { name: "Tạo phiên" }).click();
}
async function chooseSecret(page) {
	await page.getByText("Mật", { exact: true }).click();
	await page.getByPlaceholder(/^Tìm/).fill("kim son");
}
async function makeConflict(page) {
	await page.getByLabel("Tên phiên").fill("Rà soát học bạ số học kỳ I");
	await page.getByLabel("Từ", { exact: true }).fill("11h");
	await page.getByLabel("Đến", { exact: true }).fill("11:30");
	await page.getByRole("button", { name: /Chọn cả/ }).click();
	await page.getByRole("button", { name: "Tạo phiên" }).click();
	await page.getByText("Chọn giờ khác").waitFor();
}
async function writeMuch(page) {
	await page.getByLabel("Tên phiên").fill("Rà soát học bạ số ".repeat(12));
}
async function revoke(page) {
	await page
		.getByRole("button", { name: /^Thu hồi/ })
		.first()
		.click();
	await page.getByText("phải rời phòng").waitFor();
}
async function mergeUnits(page) {
	await page.getByRole("button", { name: "Quyết định mới" }).click();
	const form = page.getByRole("region", { name: "Quyết định sắp xếp" });
	await form.getByLabel("Tên", { exact: true }).fill("UBND xã Mường Xén");
	await form.getByLabel("Mã", { exact: true }).fill("XA-MX");
	await form.getByLabel("Thêm đơn vị vào").fill("muong tip");
	await page.getByRole("option", { name: /UBND xã Mường Típ/ }).click();
	await page.getByText(/giữ chức vụ/).waitFor();
}
async function chooseFile(page) {
	await page
		.getByLabel("Chọn tệp CSV")
		.first()
		.setInputFiles({
			name: "don-vi.csv",
			mimeType: "text/csv",
			buffer: Buffer.from("code,name\n"),
		});
	await page.getByText("chưa có tên").waitFor();
}
async function editPoint(page) {
	await page.getByRole("button", { name: "Sửa" }).first().click();
	await page.getByText("Phòng lưỡng dụng").waitFor();
}
async function openMonth(page) {
	await openPoint(page);
	await page.getByText("30 ngày").click();
	await page.getByText("30 ngày").waitFor();
}
async function pullTheCable(page) {
	await page.context().setOffline(true);
	await page.getByText("mất kết nối tới máy chủ").waitFor({ timeout: 20_000 });
}
async function openLine(page) {
	await page.getByRole("button", { name: "Kết thúc phiên" }).click();
	await page.getByText("48.090").waitFor();
}
async function typeTheCode(page) {
	await page.getByLabel(/^Gõ/).fill("4150-0111");
	await page.getByLabel(/^Gõ/).scrollIntoViewIfNeeded();
}
async function checkLog(page) {
	await page.getByRole("button", { name: "Kiểm tra" }).click();
	await page.getByText("Nguyên vẹn").waitFor();
}
async function openPoint(page) {
	await page.getByRole("button", { name: "UBND xã Thanh Lâm" }).click();
	await page.locator(".uplot").nth(1).waitFor();
}

await mkdir(folder, { recursive: true });
const mock = await startMock({
	root: new URL("../dist", import.meta.url).pathname,
	nowUs: () => now * 1_000,
});
const browser = await chromium.launch({
	executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
	args: [
		"--headless=new",
		...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
	],
});
/** Scenes in which the server refuses something, or is out of reach. */
const provoked = new Set([
	"sign-in-wrong",
	"link-expired",
	"session-missing",
	"new-conflict",
	"person-namesake",
	"session-move",
	"monitor-cut",
	"replay",
]);
let complaints = 0;
try {
	for (const viewport of sizes) {
		for (const [name, who, path, act] of scenes) {
			if (only.length > 0 && !only.includes(name)) continue;
			const context = await browser.newContext({
				viewport,
				isMobile: viewport.width < 900,
				hasTouch: viewport.width < 900,
				timezoneId: "Europe/London", // Screens show the province's time wherever the device thinks it is.
				reducedMotion: "reduce",
			});
			if (who)
				await context.addCookies([{ name: "mock", value: who, url: mock.url }]);
			const page = await context.newPage();
			page.setDefaultTimeout(30_000);
			const say = (text) => {
				complaints += 1;
				process.stdout.write(`${name} ${viewport.width}: ${text}\n`);
			};
			page.on("pageerror", (error) => say(`error ${error.message}`));
			page.on("console", (message) => {
				if (message.type() !== "error" && message.type() !== "warning") return;
				// What scenes provoke on purpose, and the file that the stand-in does not have.
				if (provoked.has(name) && /status of 4|INTERNET/.test(message.text()))
					return;
				say(`console ${message.text()}`);
			});
			await page.clock.setFixedTime(now);
			await page.goto(mock.url + path);
			await page.waitForLoadState("networkidle");
			try {
				await act?.(page);
			} catch (error) {
				say(`scene ${error.message.split("\n")[0]}`);
			}
			await page.waitForLoadState("networkidle");
			const wide = await page.evaluate(
				() => document.documentElement.scrollWidth - window.innerWidth,
			);
			if (wide > 0) say(`is ${wide} px too wide`);
			await page.screenshot({
				path: `${folder}/${name}-${viewport.width}.png`,
				fullPage: viewport.height > viewport.width,
			});
			const { violations } = await new AxeBuilder({ page })
				.withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"])
				.analyze();
			for (const { id, help, nodes } of violations) {
				say(
					`axe ${id}: ${help}: ${nodes
						.map(({ target }) => target)
						.join(" | ")
						.slice(0, 300)}`,
				);
			}
			await context.close();
		}
	}
} finally {
	await browser.close();
	await mock.close();
}
process.stdout.write(
	complaints === 0 ? "No complaints.\n" : `${complaints} complaints.\n`,
);
process.exitCode = complaints === 0 ? 0 : 1;
