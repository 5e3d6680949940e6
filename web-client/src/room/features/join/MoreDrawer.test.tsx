import { act, fireEvent, screen } from "@testing-library/react";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { meeting, renderInRoom } from "@/test/room";
import { Desk } from "./Desk";
import { Hall } from "./Hall";
import { Phone } from "./Phone";

const leave = () => undefined;

describe("the drawer", () => {
	beforeEach(() => {
		vi.stubGlobal("RTCRtpSender", { getCapabilities: () => null });
	});

	it.each([
		[
			"a desk",
			<Desk key="desk" onLeave={leave} />,
			"Khóa hoặc mở khóa micro tất cả",
		],
		["a hall", <Hall key="hall" onLeave={leave} />, "Xin phát biểu"],
	])(
		"shows the shortcuts at once when ? is pressed at %s",
		async (_, layout, key) => {
			await renderInRoom(layout, "so");
			fireEvent.keyDown(document.body, { code: "Slash", shiftKey: true });
			const panel = await screen.findByTestId("more");
			expect(panel).toHaveAttribute("data-panel", "keys");
			expect(panel.querySelector("dl")).toHaveTextContent(key);
		},
	);

	it("keeps the choice of codecs out of everybody's way, with the figures for a technician", async () => {
		const { store } = await renderInRoom(<Desk onLeave={leave} />, "so");
		act(() => store.setState({ panel: "commands" }));
		expect(await screen.findByText("Nhận hình và tiếng")).toBeInTheDocument();
		expect(screen.queryByText("Cách mã hóa hình gửi đi")).toBeNull();
		act(() => store.setState({ panel: "technician" }));
		expect(
			await screen.findByText("Cách mã hóa hình gửi đi"),
		).toBeInTheDocument();
	});

	it("has the keys of the keyboard also on a desk that is enlarged to the size of a phone", async () => {
		const { store } = await renderInRoom(<Phone onLeave={leave} />, "so");
		act(() => store.setState({ panel: "keys" }));
		expect(
			(await screen.findByTestId("more")).querySelector("dl"),
		).toHaveTextContent("Khóa hoặc mở khóa micro tất cả");
	});

	it("has no list of keys on a phone, and no microphone for who may not speak", async () => {
		vi.stubGlobal("matchMedia", (query: string) => ({
			matches: query.includes("coarse"),
			addEventListener: () => undefined,
			removeEventListener: () => undefined,
		}));
		const { store } = await renderInRoom(
			<Phone onLeave={leave} />,
			"vinh",
			meeting({
				participants: meeting().participants.map((one) =>
					one.id === "vinh" ? { ...one, role: "viewer" } : one,
				),
			}),
		);
		act(() => store.setState({ panel: "devices" }));
		await screen.findByTestId("devices-speaker");
		expect(screen.queryByTestId("devices-microphone")).toBeNull();
		expect(screen.queryByTestId("tab-keys")).toBeNull();
	});
});
