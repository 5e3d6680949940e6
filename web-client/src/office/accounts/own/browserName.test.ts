import { describe, expect, it } from "vitest";
import { browserName } from "./browserName";

describe("a browser's name", () => {
	it.each([
		[
			"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
			"Chrome",
			"Windows",
			false,
		],
		[
			"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) coc_coc_browser/130.0 Chrome/124.0.0.0 Safari/537.36",
			"Cốc Cốc",
			"Windows",
			false,
		],
		[
			"Mozilla/5.0 (Linux; Android 14; SM-A155F) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36",
			"Samsung Internet",
			"Android",
			true,
		],
		[
			"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
			"Safari",
			"iPhone",
			true,
		],
		[
			"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
			"Firefox",
			"Linux",
			false,
		],
	])("is read from %s", (named, browser, system, handheld) => {
		expect(browserName(named)).toEqual({ browser, system, handheld });
	});

	it("is nobody's when there is none", () => {
		expect(browserName(null)).toEqual({
			browser: null,
			system: null,
			handheld: false,
		});
	});
});
