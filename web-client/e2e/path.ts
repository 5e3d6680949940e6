import { expect } from "vitest";
import { eventually } from "./eventually";
import { readPath } from "./inPage";
import type { People, Person } from "./participants";

/** Joins from behind a firewall; `far` and `near` then see and hear each other, each over its own transport. */
export async function meetAcross(
	far: Person,
	near: Person,
	transport: string,
): Promise<void> {
	await far.join({ microphone: true });
	await far.seesSeat(near);
	await near.seesSeat(far);
	await far.hears();
	await near.hears();
	expect(await far.page.evaluate(readPath)).toBe(transport);
	expect(await near.page.evaluate(readPath)).toBe("udp");
}

/** Opens the room's figures and waits until they name this path. */
export async function readsPath(person: Person, path: string): Promise<void> {
	await person.openPanel("technician");
	const shown = person.page
		.getByTestId("statistics")
		.locator("div", { has: person.page.getByText("Đường đi", { exact: true }) })
		.locator("dd");
	await eventually(
		`the figures say ${path}`,
		async () => (await shown.innerText()) === path,
	);
}

/** Opens the board of all points as `watcher` and waits until it names the path of the point with this number. */
export async function watchesPath(
	watcher: Person,
	people: People,
	point: number,
	path: string,
): Promise<void> {
	const { name } = await people.invited(point);
	const monitor = await watcher.context.newPage();
	await monitor.goto(`${people.server.url}/monitor`);
	await monitor
		.getByRole("row")
		.filter({ hasText: name })
		.getByRole("cell", { name: path, exact: true })
		.waitFor({ timeout: 25_000 });
}
