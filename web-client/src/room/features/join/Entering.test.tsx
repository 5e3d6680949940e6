import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, screen } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Session } from "@/protocol/generated/Session";
import { createServer, ServerProvider } from "@/session";
import { meeting, renderInRoom } from "@/test/room";
import { Entering } from "./Entering";

const session = {
	code: "GB-11",
	title: "Giao ban tháng 11",
	starts_at_us: 0,
} as Session;

/** Somebody whose WebSocket does not open, while the server answers the page, or does not. */
async function waiting({ answers }: { answers: boolean }) {
	vi.useFakeTimers({ shouldAdvanceTime: true });
	const server = createServer(async () => {
		if (!answers) throw new TypeError("Failed to fetch");
		return new Response(JSON.stringify(session), { status: 200 });
	});
	const scene = await renderInRoom(
		<QueryClientProvider client={new QueryClient()}>
			<ServerProvider value={server}>
				<Entering session={session} onBack={() => undefined} />
			</ServerProvider>
		</QueryClientProvider>,
		"vinh",
		meeting(),
		{ connection: { name: "reconnecting", sinceMs: 0, why: "cut" } },
	);
	await act(() => vi.advanceTimersByTimeAsync(11_000));
	return scene;
}

describe("the way into a room", () => {
	afterEach(() => void vi.useRealTimers());

	it("names the blocked WebSocket when the server answers everything else", async () => {
		await waiting({ answers: true });
		const status = screen.getByRole("status");
		expect(status).toHaveTextContent(`kênh WebSocket tới ${location.host}`);
		expect(status).toHaveTextContent("Xin quản trị mạng");
	});

	it("blames no proxy when the server answers nothing", async () => {
		await waiting({ answers: false });
		expect(screen.getByRole("status")).toHaveTextContent(
			"Máy chủ chưa trả lời",
		);
	});
});
