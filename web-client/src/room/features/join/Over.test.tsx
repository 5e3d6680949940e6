import { MantineProvider } from "@mantine/core";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { I18nextProvider } from "react-i18next";
import { describe, expect, it, vi } from "vitest";
import { i18n, startI18n } from "@/i18n";
import type { ByeReason } from "@/protocol/generated/ByeReason";
import { Over } from "./Over";

async function shown(reason: ByeReason) {
	await startI18n("vi");
	const pressed = { onBack: vi.fn(), onTakeOver: vi.fn(), onPage: vi.fn() };
	render(
		<I18nextProvider i18n={i18n}>
			<MantineProvider>
				<Over reason={reason} {...pressed} />
			</MantineProvider>
		</I18nextProvider>,
	);
	return pressed;
}

const refused = (
	code: Extract<ByeReason, { type: "refused" }>["refusal"]["code"],
): ByeReason => ({ type: "refused", refusal: { code } });

const FAREWELLS: ByeReason[] = [
	{ type: "taken_over" },
	{ type: "removed" },
	{ type: "session_ended" },
	{ type: "left" },
	{ type: "server_stopping" },
	{ type: "protocol_mismatch", protocol: 3 },
	{ type: "too_slow" },
	{ type: "frame_too_large", limit: 65_536 },
	{ type: "too_many_frames" },
	{ type: "access_ended" },
	{ type: "access_changed" },
	{ type: "not_saved", trouble: "disk_full" },
	refused("session_full"),
	refused("session_over"),
	refused("not_allowed"),
	refused("malformed"),
];

describe("the last page of a stay", () => {
	it.each(FAREWELLS.map((reason) => [JSON.stringify(reason), reason] as const))(
		"after %s names no key that is not there",
		async (_, reason) => {
			await shown(reason);
			const words = screen.getByTestId("over").textContent ?? "";
			const keys = screen
				.getAllByRole("button")
				.map(({ textContent }) => textContent ?? "");
			for (const named of ["Vào lại", "Tải lại trang", "Chuyển sang đây"]) {
				const said = words.includes(`Bấm ${named}`);
				if (said) expect(keys).toContain(named);
			}
			expect(keys).toContain("Về trang của phiên");
		},
	);

	it("that is open elsewhere asks before it evicts the other", async () => {
		const user = userEvent.setup();
		const { onTakeOver, onBack } = await shown(refused("already_here"));
		expect(screen.getByTestId("over")).toHaveTextContent(
			"Chuyển sang đây thì thẻ hay máy kia dừng.",
		);
		await user.click(screen.getByTestId("take-over"));
		expect(onTakeOver).toHaveBeenCalledOnce();
		expect(onBack).not.toHaveBeenCalled();
	});
});
