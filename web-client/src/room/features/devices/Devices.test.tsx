import { act, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { I18nextProvider } from "react-i18next";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { i18n, startI18n } from "@/i18n";
import type { CaptureKind } from "@/room/media/capture";
import { playTestSound } from "@/room/media/meter";
import { OwnDevices } from "@/room/media/ownDevices";
import { FakeMachine } from "@/test/machine";
import { DeviceGroup } from "./DeviceGroup";

vi.mock("@/room/media/meter", async (original) => ({
	...(await original<typeof import("@/room/media/meter")>()),
	measureLoudness: (_: unknown, tell: (db: number) => void) => {
		tell(-15);
		return () => undefined;
	},
	playTestSound: vi.fn(async () => undefined),
}));

const hall = () =>
	new FakeMachine()
		.has("microphone", "mic", "Hall microphone")
		.has("microphone", "spare", "Spare microphone")
		.has("speaker", "spk", "Hall loudspeaker");

async function shown(
	machine: FakeMachine,
	kind: CaptureKind | "speaker",
	agent = navigator.userAgent,
) {
	await startI18n("vi");
	vi.stubGlobal("navigator", { ...navigator, userAgent: agent });
	const devices = new OwnDevices(machine.platform);
	await devices.start({ camera: kind === "camera", microphone: true });
	render(
		<I18nextProvider i18n={i18n}>
			<DeviceGroup devices={devices} kind={kind} />
		</I18nextProvider>,
	);
	return devices;
}

describe("the list of one's own devices", () => {
	beforeEach(() => void vi.unstubAllGlobals());

	it("marks the one in use with its level, and changes to the one that is pressed", async () => {
		const user = userEvent.setup();
		const devices = await shown(hall(), "microphone");
		expect(screen.getByLabelText("Mặc định của máy")).toBeChecked();
		const row = screen.getByLabelText("Mặc định của máy").closest("div");
		expect(
			within(row as HTMLElement).getByTestId("level").firstChild,
		).toHaveAttribute("data-level", "6");
		await user.click(screen.getByLabelText("Spare microphone"));
		expect(screen.getByLabelText("Spare microphone")).toBeChecked();
		expect(devices.state.microphone).toMatchObject({
			name: "live",
			device: { label: "Spare microphone" },
		});
	});

	it("says which one stands in for the chosen one, and what brings that back", async () => {
		const machine = hall();
		const devices = await shown(machine, "microphone");
		await act(() =>
			devices.choose("microphone", devices.state.lists.microphone[1] ?? null),
		);
		await act(async () => machine.pull("microphone", "spare"));
		expect(
			await screen.findByText(
				"Dùng tạm; Spare microphone cắm lại là tự dùng lại.",
			),
		).toBeVisible();
	});

	it("tests each loudspeaker, also one that is not in use", async () => {
		const user = userEvent.setup();
		await shown(hall(), "speaker");
		await user.click(
			screen.getByRole("button", { name: "Nghe thử Hall loudspeaker" }),
		);
		expect(playTestSound).toHaveBeenCalledWith("spk", 0.7);
		expect(screen.getByLabelText("Mặc định của máy")).toBeChecked();
	});

	const windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/130";
	const android = "Mozilla/5.0 (Linux; Android 13; Pixel 6) Chrome/130 Mobile";
	const iphone =
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Version/17.0 Safari/604.1";
	it.each([
		[windows, "blocked_browser", "Trình duyệt đang chặn micro. Bấm biểu tượng"],
		[windows, "blocked_system", "Mở Cài đặt của Windows, mục Quyền riêng tư"],
		[android, "blocked_browser", "chọn Quyền, bật micro"],
		[android, "blocked_system", "mục Ứng dụng, chọn trình duyệt"],
		[iphone, "blocked_browser", "Bấm biểu tượng aA"],
		[iphone, "blocked_system", "Mở Cài đặt của máy, chọn trình duyệt"],
	] as const)("names the way out on %s when %s", async (agent, cause, way) => {
		const machine = hall();
		machine.blocked.set("microphone", cause);
		await shown(machine, "microphone", agent);
		expect(screen.getByRole("alert")).toHaveTextContent(way);
		expect(screen.getByRole("alert")).toHaveTextContent("rồi bấm Thử lại");
	});

	it("tries again at a press, and is content when it works", async () => {
		const user = userEvent.setup();
		const machine = hall();
		machine.blocked.set("microphone", "blocked_browser");
		await shown(machine, "microphone");
		machine.blocked.clear();
		await user.click(screen.getByRole("button", { name: "Thử lại" }));
		expect(screen.queryByRole("alert")).toBeNull();
	});

	it("says that nothing is plugged in", async () => {
		await shown(new FakeMachine().has("microphone", "mic"), "camera");
		expect(screen.getByRole("alert")).toHaveTextContent(
			"Không thấy camera. Cắm camera vào máy là tự nhận.",
		);
	});
});
