import { IconSend } from "@tabler/icons-react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { formatTime } from "@/format";
import { useRoom, useRoomSession } from "@/room/useRoom";
import classes from "./Chat.module.css";

/** The longest line, in characters: the server's `MAX_CHAT_CHARS`. */
const MAX_CHARS = 2_000;

/** Within this distance of the end, in pixels, new lines scroll into view; further up somebody is reading. */
const AT_END_PX = 60;

/** The chat of the room. */
export function Chat() {
	const { t } = useTranslation("room");
	const session = useRoomSession();
	const lines = useRoom((view) => view.room?.chat);
	const you = useRoom((view) => view.you);
	const [text, setText] = useState("");
	const box = useRef<HTMLDivElement>(null);
	const atEnd = useRef(true);

	// biome-ignore lint/correctness/useExhaustiveDependencies: each new line may need scrolling.
	useEffect(() => {
		if (box.current && atEnd.current) {
			box.current.scrollTop = box.current.scrollHeight;
		}
	}, [lines]);

	const send = async (event: FormEvent) => {
		event.preventDefault();
		const line = text.trim();
		if (line === "") return;
		setText("");
		atEnd.current = true;
		const sent = await session.ask({ type: "send_chat", text: line });
		// What was not taken comes back to be mended, unless something new was begun.
		if (!sent) setText((now) => now || line);
	};

	return (
		<div className={classes.chat} data-testid="chat">
			<div
				ref={box}
				className={classes.lines}
				role="log"
				aria-label={t("chat.label")}
				// biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard.
				tabIndex={0}
				onScroll={({ currentTarget: at }) => {
					atEnd.current =
						at.scrollHeight - at.scrollTop - at.clientHeight < AT_END_PX;
				}}
			>
				{!lines?.length && <p className={classes.empty}>{t("chat.empty")}</p>}
				{lines?.map((line) => (
					<div
						key={line.id}
						className={classes.line}
						data-own={line.from === you || undefined}
					>
						<b>{line.from === you ? t("chat.you") : line.name}</b>{" "}
						<time className="fig">{formatTime(line.at_us)}</time>
						<p>{line.text}</p>
					</div>
				))}
			</div>
			<form className={classes.form} onSubmit={(event) => void send(event)}>
				<input
					value={text}
					maxLength={MAX_CHARS}
					placeholder={t("chat.placeholder")}
					aria-label={t("chat.placeholder")}
					autoComplete="off"
					enterKeyHint="send"
					data-testid="chat-input"
					onChange={(event) => setText(event.currentTarget.value)}
				/>
				<button
					type="submit"
					disabled={text.trim() === ""}
					aria-label={t("chat.send")}
				>
					<IconSend size={20} stroke={1.9} aria-hidden="true" />
				</button>
			</form>
		</div>
	);
}

/** How many lines of others came since the chat was last open. */
export function useUnread(open: boolean): number {
	const last = useRoom((view) => view.room?.chat.at(-1)?.id ?? null);
	const [seen, setSeen] = useState(last);
	useEffect(() => {
		if (open) setSeen(last);
	}, [open, last]);
	return useRoom((view) => {
		const lines = view.room?.chat ?? [];
		const from = lines.findIndex((line) => line.id === seen) + 1;
		return lines.slice(from).filter((line) => line.from !== view.you).length;
	});
}
