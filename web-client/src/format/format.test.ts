import { describe, expect, it } from "vitest";
import { at } from "@/test/session";
import {
	countCharacters,
	fold,
	formatBytes,
	formatClock,
	formatDate,
	formatDateTime,
	formatDay,
	formatDecimal,
	formatHours,
	formatInteger,
	formatMbps,
	formatTime,
	matches,
	parseDate,
	parseTime,
	sameDay,
	seatNumber,
	startOfDay,
	toJson,
	unbroken,
} from ".";

const tuesday = at("2026-11-17T00:05");

describe("times", () => {
	it("are the province's, whatever zone the device is in", () => {
		// 17:05 UTC of the 16th is already the 17th in the province.
		expect(new Date(tuesday / 1_000).toISOString()).toContain(
			"2026-11-16T17:05",
		);
		expect(formatDate(tuesday)).toBe("17/11/2026");
		expect(formatTime(tuesday)).toBe("00:05");
		expect(formatDateTime(tuesday)).toBe("00:05, 17/11/2026");
	});

	it("name the weekday in the language of the screen and the date as ever", () => {
		expect(formatDay(tuesday, "vi")).toBe("Thứ Ba, 17/11/2026");
		expect(formatDay(tuesday, "en")).toBe("Tuesday, 17/11/2026");
	});

	it("start a day at the province's midnight", () => {
		expect(startOfDay(tuesday)).toBe(at("2026-11-17T00:00"));
		expect(startOfDay(tuesday, -1)).toBe(at("2026-11-16T00:00"));
		expect(sameDay(tuesday, at("2026-11-17T23:59"))).toBe(true);
		expect(sameDay(tuesday, at("2026-11-16T23:59"))).toBe(false);
	});

	it("count a recording in hours only when it has any", () => {
		expect(formatClock(5)).toBe("0:05");
		expect(formatClock(2_480)).toBe("41:20");
		expect(formatClock(7_080)).toBe("1:58:00");
	});
});

describe("dates as they are typed", () => {
	it.each([
		["19/11/2026", "2026-11-19"],
		["19-11-2026", "2026-11-19"],
		["9.1.27", "2027-01-09"],
		[" 19/11 ", "2026-11-19"],
	])("%s is read", (text, day) => {
		expect(parseDate(text, tuesday)).toBe(at(`${day}T00:00`));
	});

	it.each(["31/02/2026", "mai", "", "2026-11-19", "1/13/2026"])(
		"%s is not",
		(text) => {
			expect(parseDate(text, tuesday)).toBeNull();
		},
	);

	it.each([
		["14:00", 14 * 60],
		["14h", 14 * 60],
		["14h30", 14 * 60 + 30],
		["7.45", 7 * 60 + 45],
		["1430", 14 * 60 + 30],
		["8", 8 * 60],
	])("%s is a time of day", (text, minutes) => {
		expect(parseTime(text)).toBe(minutes * 60_000_000);
	});

	it.each(["24:00", "8:60", "sáng", "", "12345"])("%s is none", (text) => {
		expect(parseTime(text)).toBeNull();
	});
});

describe("numbers", () => {
	it("have a point between thousands and a comma before decimals", () => {
		expect(formatInteger(1_234)).toBe("1.234");
		expect(formatDecimal(1_234.5)).toBe("1.234,5");
		expect(formatHours(18.5)).toBe("18,5");
		expect(formatHours(4)).toBe("4");
		expect(formatMbps(400_000)).toBe("0,4");
		expect(formatBytes(412_000_000)).toBe("412 MB");
		expect(formatBytes(1_640_000_000)).toBe("1,6 GB");
	});

	it("of points have two figures, or as many as they need", () => {
		expect(seatNumber(7)).toBe("07");
		expect(seatNumber(118)).toBe("118");
	});
});

describe("names", () => {
	it("of points and people stay on one line, and those of schools in the mountains break", () => {
		expect(unbroken("Đô Lương")).toBe("Đô\u00a0Lương");
		const long = "Trường PTDTBT THCS Đoọc Mạy";
		expect(unbroken(long)).toBe(long);
	});
});

describe("search", () => {
	it("ignores diacritics, case and the order of words", () => {
		expect(fold("Trường PTDTBT Đoọc Mạy")).toBe("truong ptdtbt dooc may");
		expect(matches("UBND xã Đô Lương", "luong do")).toBe(true);
		expect(matches("UBND xã Đô Lương", "ĐÔ")).toBe(true);
		expect(matches("UBND xã Đô Lương", "quế phong")).toBe(false);
		expect(matches("UBND xã Đô Lương", "  ")).toBe(true);
	});
});

describe("what is sent", () => {
	it("has no half of a character, wherever it was cut", () => {
		const cut = "Chào 👍".slice(0, -1);
		expect(JSON.stringify(cut)).toContain("\\ud83d");
		expect(toJson({ type: "send_chat", text: cut, more: [cut] })).toBe(
			'{"type":"send_chat","text":"Chào ","more":["Chào "]}',
		);
		expect(toJson("👍🏽 ệ")).toBe('"👍🏽 ệ"');
	});

	it("is counted in characters as people see them", () => {
		expect(countCharacters("👨‍👩‍👧‍👦")).toBe(1);
		expect(countCharacters("e\u0323\u0302")).toBe(1);
		expect(countCharacters("Họp giao ban")).toBe(12);
	});
});
