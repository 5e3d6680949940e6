import type { ComponentType } from "react";
import { useRef, useState } from "react";
import classes from "./Key.module.css";

/** How long a key with consequences is held, in milliseconds. */
export const HOLD_MS = 2_000;

interface Words {
	icon: ComponentType<{
		stroke?: number;
		"aria-hidden"?: boolean;
	}>;
	word: string;
	/** The second line: its object, or its state. */
	detail?: string;
	/** The letter on the keyboard. */
	letter?: string;
	testId?: string;
	/** Icon above the word, no second line on screen; it is read out all the same. */
	narrow?: boolean;
}

/**
 * Whether a click is the second of a double click. Where a press puts another key under the pointer, or is not taken back by
 * the next, many who press everything twice would otherwise do what they never saw.
 */
export const isSecondClick = ({ detail }: Pick<MouseEvent, "detail">) =>
	detail > 1;

/** Keeps a key that is held down from being pressed over and over, as browsers do with Enter. */
export const pressOnce = (event: React.KeyboardEvent) => {
	if (event.repeat && event.key === "Enter") event.preventDefault();
};

/** A large key that says what it will do. */
export function Key({
	icon: Icon,
	word,
	detail,
	letter,
	look = "rest",
	pressed,
	expanded,
	testId,
	narrow,
	once,
	settles,
	onPress,
	onRefused,
}: Words & {
	/** `no` means that the person has no right to it; the second line then says who has. */
	look?: "rest" | "on" | "go" | "no" | "end";
	pressed?: boolean;
	expanded?: boolean;
	/** Whether a double click is one press. */
	once?: boolean;
	/** Whether what it does has changed this very moment, so that a press is not meant for it. */
	settles?: boolean;
	onPress: () => void;
	/** What a press does while the person has no right to it: says why, where the second line may not be on screen. */
	onRefused?: () => void;
}) {
	return (
		<button
			type="button"
			className={classes.key}
			data-look={look}
			data-narrow={narrow || undefined}
			data-testid={testId}
			aria-pressed={pressed}
			aria-expanded={expanded}
			aria-disabled={look === "no" || settles || undefined}
			aria-keyshortcuts={letter}
			title={narrow ? detail : undefined}
			onKeyDown={pressOnce}
			onClick={(event) => {
				if (once && isSecondClick(event)) return;
				if (look !== "no") onPress();
				else onRefused?.();
			}}
		>
			<Icon stroke={1.9} aria-hidden />
			<KeyWords word={word} detail={detail} letter={letter} />
		</button>
	);
}

/** A key that acts when it has been held for two seconds, by pointer, Enter or Space. */
export function HoldKey({
	icon: Icon,
	word,
	detail,
	holding,
	letter,
	look = "end",
	testId,
	narrow,
	onHeld,
	onShort,
}: Words & {
	/** The second line while it is held. */
	holding: string;
	look?: "on" | "end";
	onHeld: () => void;
	/** It was let go too soon: says why it must be held. */
	onShort?: () => void;
}) {
	const [held, setHeld] = useState(false);
	const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
	const begin = () => {
		if (timer.current !== undefined) return;
		setHeld(true);
		timer.current = setTimeout(() => {
			end();
			onHeld();
		}, HOLD_MS);
	};
	const end = () => {
		clearTimeout(timer.current);
		timer.current = undefined;
		setHeld(false);
	};
	const release = () => {
		if (timer.current !== undefined) onShort?.();
		end();
	};
	return (
		<button
			type="button"
			className={classes.key}
			data-look={look}
			data-narrow={narrow || undefined}
			data-holding={held || undefined}
			data-testid={testId}
			style={{ "--hold-ms": `${HOLD_MS}ms` } as React.CSSProperties}
			onPointerDown={begin}
			onPointerUp={release}
			onPointerLeave={end}
			onPointerCancel={end}
			onContextMenu={(event) => event.preventDefault()}
			onKeyDown={(event) => {
				if (event.key === "Enter" || event.key === " ") begin();
			}}
			onKeyUp={release}
			onBlur={end}
		>
			<span className={classes.fill} />
			<Icon stroke={1.9} aria-hidden />
			<KeyWords word={word} detail={held ? holding : detail} letter={letter} />
		</button>
	);
}

function KeyWords({
	word,
	detail,
	letter,
}: Pick<Words, "word" | "detail" | "letter">) {
	return (
		<>
			<span className={classes.words}>
				<b>{word}</b>
				{detail && <small>{detail}</small>}
			</span>
			{letter && <kbd>{letter}</kbd>}
		</>
	);
}
