import { act, screen } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { meeting, renderInRoom } from "@/test/room";
import { Reconnecting } from "./Reconnecting";

describe("the screen of a lost connection", () => {
	afterEach(() => void vi.useRealTimers());

	it("covers the room after a moment, counts, and says what is kept", async () => {
		const { store } = await renderInRoom(
			<Reconnecting onLeave={() => undefined} />,
			"vinh",
			meeting({ hands: ["so", "vinh"] }),
		);
		expect(screen.queryByTestId("reconnecting")).toBeNull();
		vi.useFakeTimers();
		act(() =>
			store.setState({
				connection: { name: "reconnecting", sinceMs: Date.now() },
			}),
		);
		act(() => void vi.advanceTimersByTime(500));
		expect(screen.queryByTestId("reconnecting")).toBeNull();
		act(() => void vi.advanceTimersByTime(11_600));
		const cover = screen.getByTestId("reconnecting");
		expect(cover).toHaveTextContent("Đang kết nối lại, giữ nguyên chỗ");
		expect(cover).toHaveTextContent("0:12");
		expect(cover).toHaveTextContent("Giữ chỗ số 02");
		expect(cover).toHaveTextContent("thứ 2");
		act(() => store.setState({ connection: { name: "live" } }));
		expect(screen.queryByTestId("reconnecting")).toBeNull();
	});
});
