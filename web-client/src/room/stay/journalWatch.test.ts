import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { JournalTrouble } from "@/protocol/generated/JournalTrouble";
import { JournalWatch } from "./journalWatch";

function watch() {
	const said: (JournalTrouble | null)[] = [];
	const journal = new JournalWatch({
		shown: () => said.at(-1) ?? null,
		show: (trouble) => said.push(trouble),
	});
	return { journal, said };
}

describe("the watch on the journal", () => {
	beforeEach(() => void vi.useFakeTimers());
	afterEach(() => void vi.useRealTimers());

	it("says a trouble once it has lasted for a second, and its end at once", () => {
		const { journal, said } = watch();
		journal.told("disk_full");
		vi.advanceTimersByTime(999);
		expect(said).toEqual([]);
		vi.advanceTimersByTime(1);
		expect(said).toEqual(["disk_full"]);
		journal.told(null);
		expect(said).toEqual(["disk_full", null]);
	});

	it("says at once that a trouble has become another", () => {
		const { journal, said } = watch();
		journal.told("database_away");
		vi.advanceTimersByTime(1_000);
		journal.told("read_only");
		expect(said).toEqual(["database_away", "read_only"]);
	});

	it("says nothing of a hesitation that is over, and of what ends with the stay", () => {
		const { journal, said } = watch();
		journal.told("database_away");
		vi.advanceTimersByTime(900);
		journal.told(null);
		vi.advanceTimersByTime(5_000);
		expect(said.filter((trouble) => trouble !== null)).toEqual([]);
		journal.told("database_away");
		journal.stop();
		vi.advanceTimersByTime(5_000);
		expect(said.filter((trouble) => trouble !== null)).toEqual([]);
	});
});
