import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { reloadForNewVersion } from "./browser";

describe("a page of an older version", () => {
	const reload = vi.fn();
	beforeEach(() => {
		vi.useFakeTimers({ now: new Date("2026-11-17T08:00:00+07:00") });
		vi.stubGlobal("location", { reload });
		sessionStorage.clear();
		reload.mockClear();
	});
	afterEach(() => {
		vi.unstubAllGlobals();
		vi.useRealTimers();
	});

	it("is loaded anew, but not again within a minute", () => {
		expect(reloadForNewVersion()).toBe(true);
		expect(reloadForNewVersion()).toBe(false);
		vi.advanceTimersByTime(61_000);
		expect(reloadForNewVersion()).toBe(true);
		expect(reload).toHaveBeenCalledTimes(2);
	});

	it("is loaded anew also when somebody set the clock back by a day", () => {
		expect(reloadForNewVersion()).toBe(true);
		vi.setSystemTime(new Date("2026-11-16T08:00:00+07:00"));
		vi.advanceTimersByTime(61_000);
		expect(reloadForNewVersion()).toBe(true);
	});
});
