import { describe, expect, it } from "vitest";
import { opensSeveralMicrophones, platformOf } from "./platform";

const AGENTS = {
	chromeWindows:
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36",
	firefoxWindows:
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:115.0) Gecko/20100101 Firefox/115.0",
	chromeAndroid:
		"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36",
	safariIphone:
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Mobile/15E148 Safari/604.1",
	chromeIphone:
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/130.0.0.0 Mobile/15E148 Safari/604.1",
	safariMac:
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Safari/605.1.15",
	chromeLinux:
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36",
};
const machine = (userAgent: string, maxTouchPoints = 0) =>
	platformOf({ userAgent, maxTouchPoints });

describe("the machine", () => {
	it("is told from what its browser says, and an iPad is no Mac", () => {
		expect(machine(AGENTS.chromeWindows)).toBe("windows");
		expect(machine(AGENTS.firefoxWindows)).toBe("windows");
		expect(machine(AGENTS.chromeAndroid)).toBe("android");
		expect(machine(AGENTS.safariIphone)).toBe("ios");
		expect(machine(AGENTS.safariMac, 5)).toBe("ios");
		expect(machine(AGENTS.safariMac)).toBe("other");
		expect(machine(AGENTS.chromeLinux)).toBe("other");
	});

	it("opens one microphone at a time where WebKit captures, whatever the browser is called", () => {
		const several = (userAgent: string) =>
			opensSeveralMicrophones({ userAgent });
		expect(several(AGENTS.chromeWindows)).toBe(true);
		expect(several(AGENTS.firefoxWindows)).toBe(true);
		expect(several(AGENTS.safariIphone)).toBe(false);
		expect(several(AGENTS.chromeIphone)).toBe(false);
		expect(several(AGENTS.safariMac)).toBe(false);
	});
});
