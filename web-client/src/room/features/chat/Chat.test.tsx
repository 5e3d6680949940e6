import { act, fireEvent, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import type { ChatMessage } from "@/protocol/generated/ChatMessage";
import { meeting, renderInRoom } from "@/test/room";
import { Chat } from "./Chat";

const line = (id: string, change: Partial<ChatMessage> = {}): ChatMessage => ({
	id,
	from: "qp",
	name: "Bà Lô Thị Hằng",
	bridge_point: "b3",
	text: `lời ${id}`,
	at_us: 0,
	...change,
});

describe("the chat", () => {
	it("names the point and the person beside each line, also of who has left", async () => {
		await renderInRoom(<Chat />, "so", meeting({ chat: [line("1")] }));
		const log = screen.getByRole("log");
		expect(log.querySelector("b")).toHaveTextContent("Quế Phong");
		expect(log).toHaveTextContent("Bà Lô Thị Hằng");
	});

	it("offers older lines only when there are some, and fetches them", async () => {
		const user = userEvent.setup();
		const all = await renderInRoom(
			<Chat />,
			"so",
			meeting({ chat: [line("1")] }),
		);
		expect(screen.queryByTestId("chat-older")).toBeNull();
		all.unmount();
		const { session } = await renderInRoom(
			<Chat />,
			"so",
			meeting({ chat: [line("1")], older_chat: true }),
		);
		await user.click(screen.getByTestId("chat-older"));
		expect(session.loadChat).toHaveBeenCalledOnce();
	});

	it("keeps what is read in its place when older lines come above it", async () => {
		const { store } = await renderInRoom(
			<Chat />,
			"so",
			meeting({ chat: [line("2")], older_chat: true }),
		);
		const log = screen.getByRole("log");
		let height = 500;
		Object.defineProperty(log, "scrollHeight", { get: () => height });
		log.scrollTop = 100;
		fireEvent.click(screen.getByTestId("chat-older"));
		height = 900;
		const { room } = store.getState();
		if (!room) throw new Error("there is a room");
		act(() =>
			store.setState({ room: { ...room, chat: [line("1"), ...room.chat] } }),
		);
		expect(log.scrollTop).toBe(500);
	});

	it("keeps what is being written while one looks at another list", async () => {
		function Lists({ chat }: { chat: boolean }) {
			return chat ? <Chat /> : null;
		}
		const shown = await renderInRoom(<Lists chat />, "so");
		fireEvent.change(screen.getByTestId("chat-input"), {
			target: { value: "Kính thưa đồng chí" },
		});
		shown.show(<Lists chat={false} />);
		expect(screen.queryByTestId("chat-input")).toBeNull();
		shown.show(<Lists chat />);
		expect(screen.getByTestId("chat-input")).toHaveValue("Kính thưa đồng chí");
	});

	it("sends 2,000 faces, and says that one more is too long without sending it", async () => {
		const { ask, notify } = await renderInRoom(<Chat />, "so");
		const field = screen.getByTestId("chat-input");
		const write = (text: string) => {
			fireEvent.change(field, { target: { value: text } });
			fireEvent.submit(field);
		};
		await act(async () => write("👍".repeat(2_000)));
		expect(ask).toHaveBeenCalledOnce();
		await act(async () => write("👍".repeat(2_001)));
		expect(ask).toHaveBeenCalledOnce();
		expect(notify).toHaveBeenCalledWith(
			expect.objectContaining({ key: "refusal_bad_text" }),
		);
		expect(field).toHaveValue("👍".repeat(2_001));
	});
});
