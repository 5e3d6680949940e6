import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually } from "../eventually";
import { People, type Person } from "../participants";
import { Server } from "../server";

// By which rights the room works, and who chairs it.

let server: Server;
let people: People;
let chair: Person;
let vinh: Person;

beforeAll(async () => {
	server = await Server.start();
	people = new People(server);
	chair = await (await people.chair()).join();
	vinh = await (await people.point(1)).join({ profile: "desk" });
});

afterAll(async () => {
	await people?.end();
	await server?.stop();
});

/** Opens what is behind the room's mode, presses a key there and closes it again. */
async function pressInMode(person: Person, testId: string): Promise<void> {
	await person.page.getByTestId("mode").click();
	await person.page.getByTestId(testId).click();
	await person.page.keyboard.press("Escape");
	await person.page.getByTestId("more").waitFor({ state: "hidden" });
}

const mode = (person: Person, name: string) =>
	person.page.getByTestId("mode").getByText(name).waitFor();

it("a conference closes what a discussion opened, and everybody reads who may do what", async () => {
	await mode(vinh, "Thảo luận");
	expect(await vinh.key("screen").innerText()).toContain("Chọn màn hình");
	await pressInMode(chair, "preset-conference");
	await vinh.told("preset_conference").waitFor();
	await mode(vinh, "Hội nghị");
	await vinh.key("screen").getByText("Dành cho điểm được mời").waitFor();
	await vinh.key("screen").click({ force: true });
	await vinh.told("refusal_screen_kept").waitFor();
	await vinh.page.getByTestId("mode").click();
	await vinh.page
		.getByTestId("mode-rights")
		.getByText("chủ trì, thư ký, và ai được mời")
		.first()
		.waitFor();
	expect(await vinh.page.getByTestId("preset-discussion").count()).toBe(0);
	await vinh.page.keyboard.press("Escape");

	await chair.command(vinh, "lock-screen");
	await vinh.told("screen_mine").waitFor();
	await vinh.key("screen").getByText("Chọn màn hình").waitFor();
	await pressInMode(chair, "screen-free");
	await vinh.key("screen").getByText("Dành cho điểm được mời").waitFor();
	await pressInMode(chair, "preset-discussion");
	await vinh.key("screen").getByText("Chọn màn hình").waitFor();
});

it("the chair is handed to a point, which keeps it through a reload, and is taken back", async () => {
	await chair.command(vinh, "give-chair");
	await chair.page.getByTestId("give-chair-confirm").click();
	await vinh.told("role_chair").waitFor();
	await chair.told("chair_passed").waitFor();
	await vinh.key("end").waitFor();
	await vinh.page.reload();
	await vinh.join({ profile: "desk" });
	await vinh.key("end").waitFor();
	await chair.page.getByTestId("mode").click();
	await chair.page.getByTestId("key-take-chair").click();
	await chair.page.keyboard.press("Escape");
	await eventually(
		"the point sits as before",
		async () => (await vinh.key("end").count()) === 0,
	);
	await chair.key("end").waitFor();
});
