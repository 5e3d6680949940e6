import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { TrainingClass } from "@/protocol/generated/TrainingClass";
import { openApp, page, teacher } from "@/test/app";
import { at, recording, session } from "@/test/session";

const past = session({
	code: "B1",
	title: "Buổi 1: Nhập môn",
	kind: "training",
	state: "ended",
	has_recording: true,
	starts_at_us: at("2026-11-10T14:00"),
	opened_at_us: at("2026-11-10T14:10"),
	over_at_us: at("2026-11-10T15:55"),
});
const coming = session({
	code: "B2",
	title: "Buổi 2: Thiết kế nhiệm vụ",
	kind: "training",
	starts_at_us: at("2026-12-10T14:00"),
});
const one: TrainingClass = {
	code: "TH-03",
	title: "Dạy học kết hợp với học liệu số",
	unit: { code: "SO", name: "Sở GD&ĐT Hoan Châu" },
	year: 2026,
	modules: [
		{ title: "Nhập môn dạy học kết hợp", hours: 4, mode: "self_study" },
		{ title: "Thiết kế nhiệm vụ học tập", hours: 6.5, mode: "live" },
	],
	sessions: [past, coming],
	enrolled: 43,
};

describe("a class", () => {
	it("is found in the list with its modules, hours and next session", async () => {
		const { user, address } = await openApp("/classes", {
			"GET me": teacher,
			"GET classes": page([one]),
			"GET classes/TH-03": one,
			"GET sessions/B1/recordings": page([]),
		});
		const link = await screen.findByRole("link", { name: one.title });
		const card = link.closest("li");
		expect(card).toHaveTextContent("43 học viên");
		expect(card).toHaveTextContent("10,5");
		expect(card).toHaveTextContent("14:00, 10/12/2026");
		await user.click(link);
		expect(
			await screen.findByRole("heading", { name: one.title, level: 1 }),
		).toBeVisible();
		expect(address()).toBe("/classes/TH-03");
	});

	it("shows its modules, both sessions, the recording and the way to the next", async () => {
		await openApp("/classes/TH-03", {
			"GET me": teacher,
			"GET classes/TH-03": one,
			"GET sessions/B1/recordings": page([recording({ session: "B1" })]),
		});
		const modules = within(
			await screen.findByRole("region", { name: "2 mô đun" }),
		).getAllByRole("listitem");
		expect(modules[1]).toHaveTextContent("Thiết kế nhiệm vụ học tập");
		expect(modules[1]).toHaveTextContent("6,5 giờ");
		expect(modules[0]).toHaveTextContent("Tự học");
		const lessons = within(
			screen.getByRole("region", { name: "2 buổi học" }),
		).getAllByRole("listitem");
		expect(lessons).toHaveLength(2);
		// What is over is told as it was, what is to come as it is planned.
		expect(lessons[0]).toHaveTextContent("14:10–15:55");
		expect(lessons[1]).toHaveTextContent("14:00–16:30");
		const next = within(screen.getByRole("region", { name: "Buổi tới" }));
		expect(
			next.getByRole("link", { name: "Phòng mở lúc 13:00" }),
		).toHaveAttribute("href", "/s/B2");
		expect(
			await screen.findByRole("link", { name: /^Xem lại/ }),
		).toHaveAttribute("href", "/recordings/r1");
	});

	it("leads into the room once that is open, and only those who take part", async () => {
		const now: TrainingClass = {
			...one,
			sessions: [past, { ...coming, state: "open" }],
		};
		const answers = {
			"GET me": teacher,
			"GET classes/TH-03": now,
			"GET sessions/B1/recordings": page([]),
		};
		const view = await openApp("/classes/TH-03", answers);
		const next = within(
			await screen.findByRole("region", { name: "Buổi tới" }),
		);
		expect(next.getByRole("link", { name: "Vào buổi học" })).toHaveAttribute(
			"href",
			"/s/B2/room",
		);
		view.unmount();
		const looksOn = { ...coming, state: "open" as const, may: [] };
		await openApp("/classes/TH-03", {
			...answers,
			"GET classes/TH-03": { ...one, sessions: [looksOn] },
		});
		await screen.findByRole("region", { name: "Buổi tới" });
		expect(screen.queryByRole("link", { name: "Vào buổi học" })).toBeNull();
	});
});
