/** Which browser on what, as far as it can be read from what a browser calls itself. */
export interface BrowserName {
	browser: string | null;
	system: string | null;
	/** Whether it is carried about. */
	handheld: boolean;
}

/** Names that say more than others stand first: nearly every browser also calls itself Chrome, and Chrome calls itself Safari. */
const browsers: readonly [sign: RegExp, name: string][] = [
	[/coc_coc_browser/i, "Cốc Cốc"],
	[/Edg(?:e|A|iOS)?\//, "Edge"],
	[/OPR\/|Opera/, "Opera"],
	[/SamsungBrowser\//, "Samsung Internet"],
	[/Firefox\/|FxiOS\//, "Firefox"],
	[/Chrome\/|CriOS\//, "Chrome"],
	[/Safari\//, "Safari"],
];

const systems: readonly [sign: RegExp, name: string, handheld: boolean][] = [
	[/iPhone/, "iPhone", true],
	[/iPad/, "iPad", true],
	[/Android/, "Android", true],
	[/Windows/, "Windows", false],
	[/CrOS/, "ChromeOS", false],
	[/Mac OS X|Macintosh/, "macOS", false],
	[/Linux/, "Linux", false],
];

/** Reads what a browser calls itself (`User-Agent`). */
export function browserName(named: string | null): BrowserName {
	const text = named ?? "";
	const system = systems.find(([sign]) => sign.test(text));
	return {
		browser: browsers.find(([sign]) => sign.test(text))?.[1] ?? null,
		system: system?.[1] ?? null,
		handheld: system?.[2] ?? false,
	};
}
