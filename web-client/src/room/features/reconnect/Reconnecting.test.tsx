import { act, screen } from "@testing-library/react";
import type { ReactElement } from "react";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Obstacle } from "@/room/media/obstacle";
import type { Outage, RoomView } from "@/room/state/store";
import { link } from "@/test/link";
import { hand, meeting, renderInRoom } from "@/test/room";
import { LinkState } from "../join/RoomBar";
import { MediaBanner, Reconnecting } from "./Reconnecting";

/** Somebody whose link is silent since the given time, by this cause. */
async function cutOff(
	part: ReactElement,
	cause: Outage["cause"],
	agoMs: number,
	connection: RoomView["connection"]["name"] = "reconnecting",
) {
	const sinceMs = Date.now() - agoMs;
	return renderInRoom(
		part,
		"vinh",
		meeting({ hands: [hand("so"), hand("vinh")] }),
		{
			outage: { cause, sinceMs },
			connection: (connection === "live"
				? { name: "live" }
				: {
						name: "reconnecting",
						sinceMs,
						why: "cut",
					}) as RoomView["connection"],
		},
	);
}

describe("the cover over a lost connection", () => {
	afterEach(() => void vi.useRealTimers());

	it("comes when a break lasts, counts, names the cause, and says what is kept", async () => {
		const { store } = await renderInRoom(
			<Reconnecting onLeave={() => undefined} />,
			"vinh",
			meeting({ hands: [hand("so"), hand("vinh")] }),
		);
		vi.useFakeTimers();
		const sinceMs = Date.now();
		act(() =>
			store.setState({
				outage: { cause: "network", sinceMs },
				connection: { name: "reconnecting", sinceMs, why: "cut" },
			}),
		);
		act(() => void vi.advanceTimersByTime(2_000));
		expect(screen.queryByTestId("reconnecting")).toBeNull();
		act(() => void vi.advanceTimersByTime(10_100));
		const cover = screen.getByTestId("reconnecting");
		expect(cover).toHaveTextContent("Đang kết nối lại, giữ nguyên chỗ");
		expect(cover).toHaveTextContent("0:12");
		expect(cover).toHaveTextContent("Mất mạng giữa máy này và máy chủ");
		expect(cover).toHaveTextContent("Giữ chỗ số 02");
		expect(cover).toHaveTextContent("thứ 2");
		act(() => store.setState({ connection: { name: "live" }, outage: null }));
		expect(screen.queryByTestId("reconnecting")).toBeNull();
	});

	it.each([
		["offline", "Máy này mất mạng"],
		["server", "Máy chủ đang khởi động lại"],
	] as const)("tells %s from a network that is cut", async (cause, words) => {
		await cutOff(<Reconnecting onLeave={() => undefined} />, cause, 5_000);
		expect(screen.getByTestId("reconnecting")).toHaveTextContent(words);
	});

	it("covers nothing while sound and picture go on, or while only those are lost", async () => {
		for (const cause of ["signaling", "media"] as const) {
			const shown = await cutOff(
				<Reconnecting onLeave={() => undefined} />,
				cause,
				60_000,
			);
			expect(screen.queryByTestId("reconnecting")).toBeNull();
			shown.unmount();
		}
	});
});

describe("the bar and the banner of a silent link", () => {
	it.each([
		[
			"signaling",
			"Mất kênh lệnh",
			"Hình và tiếng vẫn chạy, nhưng mất kênh lệnh",
		],
		["media", "Mất hình, tiếng", "Mất hình và tiếng, giữ nguyên chỗ"],
		["network", "Mất kết nối", "Mất kết nối với máy chủ, giữ nguyên chỗ"],
		["offline", "Máy mất mạng", "Kiểm tra dây mạng hoặc Wi-Fi"],
	] as const)("name %s, and count", async (cause, bar, banner) => {
		await cutOff(
			<>
				<LinkState />
				<MediaBanner />
			</>,
			cause,
			7_000,
			"live",
		);
		expect(screen.getByTestId("link-state")).toHaveTextContent(`${bar}0:07`);
		expect(screen.getByTestId("outage")).toHaveTextContent(banner);
	});
});

describe("a line on a fallback path", () => {
	it("says by which path it goes, and not that pictures are reduced", async () => {
		await renderInRoom(
			<>
				<LinkState />
				<MediaBanner />
			</>,
			"vinh",
			meeting(),
			{ link: link({ path: "tls" }) },
		);
		expect(screen.getByTestId("link-state")).toHaveTextContent(
			"Đường dự phòng TLS",
		);
		expect(screen.queryByText(/Kết nối yếu/)).toBeNull();
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
