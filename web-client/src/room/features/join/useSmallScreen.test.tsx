import { act, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { useSmallScreen } from "./useSmallScreen";

function Layout() {
	const small = useSmallScreen();
	return (
		<>
			<p>{small ? "phone" : "desk"}</p>
			<input aria-label="chat" />
		</>
	);
}

/** A window that grows and shrinks. */
function windowOf() {
	let matches = false;
	const told = new Set<(event: { matches: boolean }) => void>();
	vi.stubGlobal("matchMedia", () => ({
		get matches() {
			return matches;
		},
		addEventListener: (_: string, tell: (event: object) => void) =>
			told.add(tell),
		removeEventListener: (_: string, tell: (event: object) => void) =>
			told.delete(tell),
	}));
	return (low: boolean) =>
		act(() => {
			matches = low;
			for (const tell of told) tell({ matches });
		});
}

describe("the layout of a window that becomes low", () => {
	beforeEach(() => void vi.useFakeTimers());
	afterEach(() => {
		vi.useRealTimers();
		vi.unstubAllGlobals();
	});

	it("is a phone's", () => {
		const becomes = windowOf();
		render(<Layout />);
		expect(screen.getByText("desk")).toBeVisible();
		becomes(true);
		expect(screen.getByText("phone")).toBeVisible();
		becomes(false);
		expect(screen.getByText("desk")).toBeVisible();
	});

	it("stays while somebody types, for it is the keyboard on the glass that made it low", () => {
		const becomes = windowOf();
		render(<Layout />);
		act(() => screen.getByLabelText("chat").focus());
		becomes(true);
		expect(screen.getByText("desk")).toBeVisible();
		act(() => screen.getByLabelText("chat").blur());
		becomes(false);
		act(() => void vi.advanceTimersByTime(5_000));
		expect(screen.getByText("desk")).toBeVisible();
	});

	it("changes after all when the window is still low once nobody types", () => {
		const becomes = windowOf();
		render(<Layout />);
		act(() => screen.getByLabelText("chat").focus());
		becomes(true);
		act(() => screen.getByLabelText("chat").blur());
		act(() => void vi.advanceTimersByTime(1_100));
		expect(screen.getByText("phone")).toBeVisible();
	});
});
