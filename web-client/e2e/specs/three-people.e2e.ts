import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually, never } from "../eventually";
import { pressFor } from "../inPage";
import { People, type Person } from "../participants";
import { Server } from "../server";

let server: Server;
let people: People;
let chair: Person;
let vinh: Person;
let queViPhong: Person;

beforeAll(async () => {
	server = await Server.start();
	people = new People(server);
	chair = await (await people.chair()).join({ microphone: true });
	vinh = await (await people.point(1)).join();
	queViPhong = await (await people.point(2)).join();
});

afterAll(async () => {
	await people?.end();
	await server?.stop();
});

it("three people see each other", async () => {
	for (const viewer of [chair, vinh, queViPhong]) {
		for (const other of [chair, vinh, queViPhong]) {
			if (viewer !== other) await viewer.seesSeat(other);
		}
	}
});

it("three people hear each other", async () => {
	await vinh.hears();
	await queViPhong.hears();
	await chair.key("microphone").click();
	await vinh.key("microphone").click();
	await chair.hears();
	await queViPhong.hears();
	await eventually(
		"the wall says whose microphone is open",
		async () =>
			(await queViPhong.seat(vinh).getAttribute("data-microphone")) === "open",
	);
	await vinh.key("microphone").click();
});

it("a raised hand stands in everybody's queue, and the chair calls it", async () => {
	await vinh.key("hand").click();
	await chair.page
		.locator(`[data-testid=hands] [data-participant="${vinh.id}"]`)
		.waitFor();
	await queViPhong.page
		.locator(`[data-testid=hands] [data-participant="${vinh.id}"]`)
		.waitFor();
	await chair.page.getByTestId("grant").click();
	for (const viewer of [chair, queViPhong]) {
		await viewer.page
			.locator(`[data-testid=floor-holder][data-participant="${vinh.id}"]`)
			.waitFor();
		await eventually(
			`${viewer.name}'s main picture is the floor holder`,
			async () =>
				(await viewer.stage.getAttribute("data-participant")) === vinh.id,
		);
		await viewer.sees(viewer.stage.locator("video"), "the floor holder");
	}
	await eventually(
		"the floor opened the microphone",
		async () =>
			(await vinh.key("microphone").getAttribute("aria-pressed")) === "true",
	);
	await chair.page.getByTestId("release-floor").click();
	await eventually(
		"the microphone is closed again",
		async () =>
			(await vinh.key("microphone").getAttribute("aria-pressed")) === "false",
	);
});

it("a point that is called without having asked sees itself first, and says not yet", async () => {
	await chair.command(vinh, "grant");
	await vinh.page.getByTestId("announcement").waitFor();
	expect(await vinh.stage.getAttribute("data-participant")).toBe(vinh.id);
	expect(await vinh.key("microphone").getAttribute("aria-pressed")).toBe(
		"false",
	);
	await vinh.key("hand").click();
	await vinh.told("floor_declined").waitFor();
	await chair.page.getByTestId("floor-holder").waitFor({ state: "detached" });
	await never(
		"the microphone opens all the same",
		async () =>
			(await vinh.key("microphone").getAttribute("aria-pressed")) === "true",
		{ forMs: 4_000 },
	);
});

it("no key cuts a speaker: the next one waits, is told so, and speaks when the turn is ended by its owner", async () => {
	const holds = (person: Person) =>
		queViPhong.page
			.locator(`[data-testid=floor-holder][data-participant="${person.id}"]`)
			.waitFor();
	await vinh.key("hand").click();
	await chair.page
		.locator(`[data-testid=hands] [data-participant="${vinh.id}"]`)
		.waitFor();
	await chair.page.keyboard.press("m");
	await holds(vinh);
	await queViPhong.key("hand").click();
	await chair.page
		.locator(`[data-testid=hands] [data-participant="${queViPhong.id}"]`)
		.waitFor();
	for (let times = 0; times < 3; times += 1) {
		await chair.page.keyboard.press("m");
	}
	await queViPhong.told("next_mine").waitFor();
	await holds(vinh);
	const end = vinh.key("hand");
	expect(await end.innerText()).toContain("Kết thúc phát biểu");
	await end.click();
	await holds(queViPhong);
	await eventually(
		"the next one's microphone is open",
		async () =>
			(await queViPhong.key("microphone").getAttribute("aria-pressed")) ===
			"true",
	);
	await queViPhong.key("hand").click();
	await chair.page.getByTestId("floor-holder").waitFor({ state: "detached" });
});

it("a turn has a topic and an end that all read, and the chair gives it a minute more", async () => {
	await chair.page.getByTestId("turn-length").selectOption("2");
	await vinh.page.getByText("Mỗi lượt 2 phút.").waitFor();
	await vinh.key("hand").click();
	await vinh.page.getByTestId("topic").fill("Thiếu giáo viên tiếng Anh");
	await vinh.page.keyboard.press("Enter");
	const row = chair.page.locator(
		`[data-testid=hands] [data-participant="${vinh.id}"]`,
	);
	await row.getByText("Về: Thiếu giáo viên tiếng Anh").waitFor();
	await row.getByTestId("grant").click();
	for (const viewer of [chair, vinh, queViPhong]) {
		const holder = viewer.page.locator(
			`[data-testid=floor-holder][data-participant="${vinh.id}"]`,
		);
		await holder.getByText("Về: Thiếu giáo viên tiếng Anh").waitFor();
		await holder.getByText("còn lại").waitFor();
	}
	await queViPhong.stage.getByText("còn lại của 2:00").waitFor();
	await chair.page.getByTestId("extend-turn").click();
	await vinh.told("floor_extended").waitFor();
	await queViPhong.stage.getByText("còn lại của 3:00").waitFor();
	await vinh.key("hand").click();
	await chair.page.getByTestId("turn-length").selectOption("none");
	await vinh.page.getByText("Mỗi lượt 2 phút.").waitFor({ state: "detached" });
});

it("a line of chat reaches everybody, in Vietnamese", async () => {
	await vinh.page.getByTestId("chat-input").fill("Điểm cầu Vinh nghe rõ ạ");
	await vinh.page.keyboard.press("Enter");
	for (const viewer of [chair, vinh, queViPhong]) {
		await viewer.page
			.getByTestId("chat")
			.getByText("Điểm cầu Vinh nghe rõ ạ")
			.waitFor();
	}
});

it("what the chair broadcasts is everybody's main picture", async () => {
	await chair.command(queViPhong, "broadcast");
	await eventually(
		"the point stands on the main picture",
		async () =>
			(await vinh.stage.getAttribute("data-participant")) === queViPhong.id,
	);
	await vinh.sees(vinh.stage.locator("video"), "the broadcast point");
	await chair.command(queViPhong, "broadcast");
});

it("one shares a screen, and the others see it; the second who tries is told who is sharing", async () => {
	await vinh.key("screen").click();
	for (const viewer of [chair, queViPhong]) {
		await viewer.page
			.locator("[data-testid=stage][data-kind=screen]")
			.waitFor();
		await viewer.sees(viewer.stage.locator("video"), "the shared screen");
	}
	await queViPhong.key("screen").click();
	await queViPhong.page
		.locator("[data-testid=toast][data-notice=refusal_screen_taken]")
		.waitFor();
	await vinh.key("screen").click();
	await chair.page
		.locator("[data-testid=stage]:not([data-kind=screen])")
		.waitFor();
});

it("a camera that is switched off shows a plate and no picture", async () => {
	await vinh.key("camera").click();
	await chair.seat(vinh).getByText("Camera tắt").waitFor();
	await vinh.key("camera").click();
	await chair.seesSeat(vinh);
});

it("the chair removes a point, which is told and cannot come back until it is readmitted", async () => {
	const removed = await (await people.point(4)).join();
	await chair.seesSeat(removed);
	await chair.command(removed, "remove");
	await chair.page.getByTestId("remove-confirm").click();
	await removed.page
		.locator("[data-testid=over][data-reason=removed]")
		.waitFor();
	await removed.openLobby({ profile: "desk" });
	await removed.page.getByTestId("join").click();
	await removed.page
		.locator("[data-testid=over][data-reason=refused]")
		.waitFor();
	await never("the removed point is on the wall", async () =>
		chair.seat(removed).isVisible(),
	);

	await chair.page.getByTestId("tab-roster").click();
	await chair.page.getByTestId("readmit").click();
	await removed.join();
	await chair.seesSeat(removed);
	await removed.leave();
	await chair.page.getByTestId("tab-chat").click();
});

it("the chair works by keyboard alone", async () => {
	const { page } = chair;
	await vinh.key("hand").click();
	await page
		.locator(`[data-testid=hands] [data-participant="${vinh.id}"]`)
		.waitFor();
	await page.keyboard.press("m");
	await page
		.locator(`[data-testid=floor-holder][data-participant="${vinh.id}"]`)
		.waitFor();
	await page.keyboard.press("t");
	await never(
		"T alone ends the turn",
		async () => !(await page.getByTestId("floor-holder").isVisible()),
		{ forMs: 800 },
	);
	await page.keyboard.press("Enter");
	await page.getByTestId("floor-holder").waitFor({ state: "detached" });

	const number = await chair.seat(queViPhong).getAttribute("data-seat");
	await page.keyboard.type(String(number).padStart(2, "0"));
	await page.keyboard.press("p");
	await eventually(
		"the selected seat is everybody's main picture",
		async () =>
			(await vinh.stage.getAttribute("data-participant")) === queViPhong.id,
	);
	await page.keyboard.press("p");

	await page.keyboard.press("k");
	await eventually(
		"all are locked",
		async () =>
			(await chair.key("lock-all").getAttribute("aria-pressed")) === "true",
	);
	await page.keyboard.press("k");
	await page.getByTestId("chat-input").click();
	await page.keyboard.type("km");
	await never(
		"typing in the chat gives commands",
		async () =>
			(await chair.key("lock-all").getAttribute("aria-pressed")) === "true",
		{ forMs: 800 },
	);
	await page.getByTestId("chat-input").fill("");
});

it("a phone has the same room in one hand: a list, tabs, five tools", async () => {
	const phone = await people.point(5);
	await phone.page.setViewportSize({ width: 390, height: 844 });
	await phone.join({ profile: "phone" });
	await phone.sees(phone.stage.locator("video"), "the main picture");
	await phone.page.getByTestId("tab-hands").click();
	await phone.page.getByTestId("hands").waitFor();
	await phone.key("chat").click();
	await phone.page.getByTestId("chat-input").fill("Từ điện thoại");
	await phone.page.keyboard.press("Enter");
	await chair.page.getByTestId("chat").getByText("Từ điện thoại").waitFor();
	const width = await phone.page.evaluate(
		() => document.documentElement.scrollWidth,
	);
	expect(width).toBe(390);
	// On its side, and a desk that is enlarged to 200 %: list and chat have room, and nothing is out of reach.
	for (const [width, height] of [
		[844, 390],
		[667, 375],
		[683, 384],
	] as const) {
		await phone.page.setViewportSize({ width, height });
		for (const tab of ["seats", "hands", "chat", "roster"]) {
			const size = `${tab} at ${width}×${height}`;
			await phone.page.getByTestId(`tab-${tab}`).click();
			const box = await phone.page.locator("#phone-panel").boundingBox();
			expect(box?.height, size).toBeGreaterThan(150);
			expect(box?.width, size).toBeGreaterThan(300);
			expect((box?.y ?? 0) + (box?.height ?? 0), size).toBeLessThanOrEqual(
				height,
			);
		}
		for (const key of ["microphone", "camera", "hand", "chat", "more"]) {
			const box = await phone.key(key).boundingBox();
			expect(box?.height, key).toBeGreaterThanOrEqual(44);
			expect((box?.y ?? 0) + (box?.height ?? 0), key).toBeLessThanOrEqual(
				height,
			);
		}
	}
	await phone.leave();
});

it("the session ends for all when the chair has held the key for two seconds", async () => {
	const end = chair.key("end");
	await end.hover();
	await end.evaluate(pressFor, 700);
	await never(
		"a short press ends the session",
		async () => chair.page.getByTestId("over").isVisible(),
		{ forMs: 1_000 },
	);
	await chair.page.mouse.down();
	for (const person of [chair, vinh, queViPhong]) {
		await person.page
			.locator("[data-testid=over][data-reason=session_ended]")
			.waitFor();
	}
});
