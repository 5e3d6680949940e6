import { join } from "node:path";
import type { Page } from "playwright-core";

/** Where the guides' pictures are made anew; nowhere in a usual run. */
const folder = process.env.DIEMCAU_E2E_PICTURES;

/** Takes the picture of a guide, when pictures are wanted. */
export async function picture(page: Page, name: string): Promise<void> {
	if (!folder) return;
	await page.waitForFunction(() =>
		document.getAnimations().every((one) => one.playState !== "running"),
	);
	await page.screenshot({
		path: join(folder, `${name}.png`),
		animations: "disabled",
	});
}
