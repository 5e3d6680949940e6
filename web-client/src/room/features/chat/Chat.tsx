import { IconSend } from "@tabler/icons-react";
import {
	type FormEvent,
	useEffect,
	useLayoutEffect,
	useRef,
	useState,
} from "react";
import { useTranslation } from "react-i18next";
import { countCharacters, formatTime, seatNumber } from "@/format";
import { SmallKey } from "@/kit/SmallKey";
import { refusalNotice } from "@/room/state/notices";
import { whoAt } from "@/room/state/selectors";
import { useRoom, useRoomSession, useRoomState } from "@/room/view/useRoom";
import classes from "./Chat.module.css";

/** The longest line, in characters as people count them: the server's `MAX_CHAT_CHARS`. */
const MAX_CHARS = 2_000;

/** The most that the field takes, in UTF-16 units: a face may be several, and a frame has 64 KiB. */
const MAX_UNITS = 8_000;

/** Within this distance of the end, in pixels, new lines scroll into view; further up somebody is reading. */
const AT_END_PX = 60;

/** The chat of the room. */
export function Chat() {
	const { t } = useTranslation("room");
	const session = useRoomSession();
	const room = useRoomState();
	const lines = room.chat;
	const you = useRoom((view) => view.you);
	const text = useRoom((view) => view.draft);
	const [loading, setLoading] = useState(false);
	const box = useRef<HTMLDivElement>(null);
	const atEnd = useRef(true);
	/** How far the end was when older lines were asked for: what was read stays where it was. */
	const fromEnd = useRef<number | null>(null);
	const oldest = lines[0]?.id;
	const newest = lines.at(-1)?.id;

	// biome-ignore lint/correctness/useExhaustiveDependencies: each new line may need scrolling.
	useEffect(() => {
		if (box.current && atEnd.current) {
			box.current.scrollTop = box.current.scrollHeight;
		}
	}, [newest]);

	// biome-ignore lint/correctness/useExhaustiveDependencies: older lines come above those that are read.
	useLayoutEffect(() => {
		if (!box.current || fromEnd.current === null) return;
		box.current.scrollTop = box.current.scrollHeight - fromEnd.current;
		fromEnd.current = null;
	}, [oldest]);

	const loadOlder = async () => {
		if (box.current)
			fromEnd.current = box.current.scrollHeight - box.current.scrollTop;
		setLoading(true);
		await session.loadChat();
		setLoading(false);
	};

	const send = async (event: FormEvent) => {
		event.preventDefault();
		const line = text.trim();
		if (line === "") return;
		if (countCharacters(line) > MAX_CHARS) {
			session.notify(
				refusalNotice({ code: "bad_text", detail: String(MAX_CHARS) }),
			);
			return;
		}
		session.write("");
		atEnd.current = true;
		const sent = await session.ask({ type: "send_chat", text: line });
		// What was not taken comes back to be mended, unless something new was begun.
		if (!sent && session.store.getState().draft === "") session.write(line);
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
				{room.olderChat && (
					<div className={classes.older}>
						<SmallKey
							disabled={loading}
							testId="chat-older"
							onPress={() => void loadOlder()}
						>
							{loading ? t("chat.loading") : t("chat.older")}
						</SmallKey>
					</div>
				)}
				{lines.length === 0 && (
					<p className={classes.empty}>{t("chat.empty")}</p>
				)}
				{lines.map((line) => {
					const { number, name, person } = whoAt(room, line);
					return (
						<div
							key={line.id}
							className={classes.line}
							data-own={line.from === you || undefined}
						>
							<b>
								{line.from !== you && number !== null && (
									<span className="fig">{seatNumber(number)} </span>
								)}
								{line.from === you ? t("chat.you") : name}
							</b>{" "}
							{line.from !== you && person && <span>{person}</span>}{" "}
							<time className="fig">{formatTime(line.at_us)}</time>
							<p>{line.text}</p>
						</div>
					);
				})}
			</div>
			<form className={classes.form} onSubmit={(event) => void send(event)}>
				<input
					value={text}
					maxLength={MAX_UNITS}
					placeholder={t("chat.placeholder")}
					aria-label={t("chat.placeholder")}
					autoComplete="off"
					enterKeyHint="send"
					data-testid="chat-input"
					onChange={(event) => session.write(event.currentTarget.value)}
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
