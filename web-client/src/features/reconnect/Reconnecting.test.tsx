import { act, screen } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Obstacle } from "@/media/obstacle";
import { meeting, renderInRoom } from "@/test/room";
import { MediaBanner, Reconnecting } from "./Reconnecting";

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

describe("the banner over a room without media", () => {
	const blocked = (cause: Obstacle["cause"]) =>
		renderInRoom(<MediaBanner />, "vinh", meeting(), {
			mediaUp: false,
			obstacle: { cause, ports: [7000, 7001] },
		});

	it("names the ports that the network blocks, and whom to ask", async () => {
		await blocked("no_relay");
		const banner = screen.getByRole("alert");
		expect(banner).toHaveTextContent("UDP và TCP tới cổng 7000, 7001");
		expect(banner).toHaveTextContent("Xin quản trị mạng mở UDP");
	});

	it("does not pretend to know whether firewall or certificate is to blame", async () => {
		await blocked("relay_closed");
		const banner = screen.getByRole("alert");
		expect(banner).toHaveTextContent("trình duyệt không cho biết");
		expect(banner).toHaveTextContent(`${location.origin}/ca.crt`);
	});

	it("sends to the server's keeper what only the server can mend", async () => {
		await blocked("engine_silent");
		expect(screen.getByRole("alert")).toHaveTextContent("diemcau doctor");
	});

	it("is gone once media flow", async () => {
		const { store } = await blocked("no_relay");
		act(() => store.setState({ mediaUp: true }));
		expect(screen.queryByRole("alert")).toBeNull();
	});
});
