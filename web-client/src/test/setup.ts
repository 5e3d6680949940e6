import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterEach, vi } from "vitest";

// How long `findBy…` waits for a condition; a busy machine needs more than the usual second.
configure({ asyncUtilTimeout: 5_000 });

afterEach(() => {
	cleanup();
	localStorage.clear();
});

// The room has tests of its own; here it is enough to see that somebody came to its door.
vi.mock("@/room/features/join", () => ({
	default: ({ code }: { code: string }) => `Phòng ${code}`,
}));
