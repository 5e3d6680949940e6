import { MantineProvider } from "@mantine/core";
import { act, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { I18nextProvider } from "react-i18next";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { i18n, startI18n } from "@/i18n";
import type { Session } from "@/protocol/generated/Session";
import { OwnDevices } from "@/room/media/ownDevices";
import { FakeMachine } from "@/test/machine";
import { session } from "@/test/session";
import { Lobby } from "./Lobby";

vi.mock("@/room/media/meter", async (original) => ({
	...(await original<typeof import("@/room/media/meter")>()),
	measureLoudness: () => () => undefined,
}));

const hall = () =>
	new FakeMachine()
		.has("camera", "cam", "Hall camera")
		.has("microphone", "mic", "Hall microphone")
		.has("speaker", "spk", "Hall loudspeaker");

async function check({
	machine = hall(),
	guest = false,
	part = {},
}: {
	machine?: FakeMachine;
	guest?: boolean;
	part?: Partial<Session>;
} = {}) {
	await startI18n("vi");
	const onReady = vi.fn();
	const shown = render(
		<I18nextProvider i18n={i18n}>
			<MantineProvider>
				<Lobby
					session={session(part)}
					devices={new OwnDevices(machine.platform)}
					number={15}
					name="Lô Thị Hằng"
					place={null}
					guest={guest}
					waits={false}
					onReady={onReady}
					onLeave={() => undefined}
				/>
			</MantineProvider>
		</I18nextProvider>,
	);
	return { ...shown, onReady };
}

const verdict = () => screen.getByTestId("verdict");

describe("the device check", () => {
	beforeEach(() => {
		vi.stubGlobal("fetch", async () => new Response("ok"));
	});

	it.each(["chair", "secretary", "presenter", "point"] as const)(
		"lets a %s in with the microphone off, unless they open it themselves",
		async (my_role) => {
			const user = userEvent.setup();
			const { onReady } = await check({ part: { my_role } });
			await user.click(screen.getByTestId("join"));
			expect(onReady).toHaveBeenLastCalledWith({
				microphoneOn: false,
				receive: "everything",
			});
			await user.click(screen.getByTestId("lobby-microphone"));
			await user.click(screen.getByTestId("join"));
			expect(onReady).toHaveBeenLastCalledWith(
				expect.objectContaining({ microphoneOn: true }),
			);
		},
	);

	it("keeps that choice for whoever this machine belongs to, and not from one guest to the next", async () => {
		const user = userEvent.setup();
		const machine = hall();
		const first = await check({ machine, guest: true });
		await user.click(screen.getByTestId("lobby-microphone"));
		first.unmount();
		const owner = await check({ machine });
		expect(screen.getByTestId("lobby-microphone")).toHaveTextContent(
			"Micro tắt",
		);
		await user.click(screen.getByTestId("lobby-microphone"));
		owner.unmount();
		const again = await check({ machine });
		expect(screen.getByTestId("lobby-microphone")).toHaveTextContent(
			"Micro bật",
		);
		again.unmount();
		await check({ machine, guest: true });
		expect(screen.getByTestId("lobby-microphone")).toHaveTextContent(
			"Micro tắt",
		);
	});

	it("names a microphone that is pulled out while it runs, with the way out, and sees it come back", async () => {
		const machine = hall();
		await check({ machine });
		await waitFor(() =>
			expect(verdict()).toHaveAttribute("data-verdict", "ready"),
		);
		await act(async () => machine.pull("microphone", "mic"));
		await waitFor(() =>
			expect(verdict()).toHaveAttribute("data-verdict", "noSound"),
		);
		expect(verdict()).toHaveTextContent("micro");
		await act(async () => machine.plug("microphone", "mic", "Hall microphone"));
		await waitFor(() =>
			expect(verdict()).toHaveAttribute("data-verdict", "ready"),
		);
	});

	it("says before one enters that the session records by itself, and how long that is kept", async () => {
		const shown = await check({
			part: { auto_record: true, keep_days: 730 },
		});
		expect(screen.getByTestId("recording-notice")).toHaveTextContent(
			"16/11/2028",
		);
		shown.unmount();
		await check({ part: { auto_record: true, keep_days: null } });
		expect(screen.getByTestId("recording-notice")).toHaveTextContent(
			"lưu không thời hạn",
		);
	});
});
