import { fireEvent, render, screen } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { useShortcuts } from "./useShortcuts";

function Keys({ act, wanted = true }: { act: () => void; wanted?: boolean }) {
	useShortcuts({ KeyM: act }, wanted);
	return <input aria-label="chat" />;
}

describe("shortcuts", () => {
	it("go by the place of the key, whatever the input method types", () => {
		const act = vi.fn();
		render(<Keys act={act} />);
		fireEvent.keyDown(document.body, { code: "KeyM", key: "ơ" });
		expect(act).toHaveBeenCalledOnce();
	});

	it("stay silent while somebody types or composes, and when they are switched off", () => {
		const act = vi.fn();
		const shown = render(<Keys act={act} />);
		fireEvent.keyDown(screen.getByLabelText("chat"), { code: "KeyM" });
		fireEvent.keyDown(document.body, { code: "KeyM", isComposing: true });
		fireEvent.keyDown(document.body, { code: "KeyM", ctrlKey: true });
		shown.rerender(<Keys act={act} wanted={false} />);
		fireEvent.keyDown(document.body, { code: "KeyM" });
		expect(act).not.toHaveBeenCalled();
	});
});
