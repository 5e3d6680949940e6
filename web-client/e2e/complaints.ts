import type { Page } from "playwright-core";

/** What a browser has to say against a page: errors and warnings in its console, exceptions, refused requests. */
export class Complaints {
	readonly #lines: string[] = [];

	constructor(page: Page) {
		page.on("pageerror", (error) => this.#note(page, error.message));
		page.on("console", (message) => {
			if (message.type() !== "error" && message.type() !== "warning") return;
			this.#note(page, `${message.text()} (${message.location().url})`);
		});
		page.on("response", (response) => {
			if (response.status() < 400) return;
			const { pathname } = new URL(response.url());
			const method = response.request().method();
			this.#note(page, `${response.status()} to ${method} ${pathname}`);
		});
	}

	/** Everything since the last time it was asked for. */
	take(): string[] {
		return this.#lines.splice(0);
	}

	#note(page: Page, text: string) {
		this.#lines.push(`${new URL(page.url()).pathname}: ${text}`);
	}
}
