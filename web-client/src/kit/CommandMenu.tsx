import {
	type ComponentType,
	type KeyboardEvent,
	useEffect,
	useLayoutEffect,
	useRef,
	useState,
} from "react";
import { createPortal } from "react-dom";
import classes from "./CommandMenu.module.css";

/** One line of a menu. */
export interface CommandItem {
	key: string;
	icon: ComponentType<{ stroke?: number; "aria-hidden"?: boolean }>;
	word: string;
	/** Takes something away that does not come back by itself. */
	bad?: boolean;
	act: () => void;
}

/**
 * The commands of one thing on the screen, beside it. Takes the focus, walks with the arrows, closes with Escape or a
 * press elsewhere, and gives the focus back to `anchor`.
 */
export function CommandMenu({
	anchor,
	title,
	items,
	onClose,
}: {
	anchor: HTMLElement;
	title: string;
	items: readonly CommandItem[];
	onClose: () => void;
}) {
	const menu = useRef<HTMLDivElement>(null);
	const [place, setPlace] = useState({ left: 0, top: 0 });

	useLayoutEffect(() => {
		const own = menu.current?.getBoundingClientRect();
		if (!own) return;
		const at = anchor.getBoundingClientRect();
		const left = at.right + 6 + own.width < innerWidth ? at.right + 6 : at.left;
		setPlace({
			left: Math.max(8, Math.min(left, innerWidth - own.width - 8)),
			top: Math.max(8, Math.min(at.top, innerHeight - own.height - 8)),
		});
	}, [anchor]);

	useEffect(() => {
		menu.current?.querySelector("button")?.focus();
		const elsewhere = (event: PointerEvent) => {
			if (!menu.current?.contains(event.target as Node)) onClose();
		};
		document.addEventListener("pointerdown", elsewhere, true);
		return () => {
			document.removeEventListener("pointerdown", elsewhere, true);
			if (document.activeElement === document.body || menu.current === null) {
				anchor.focus();
			}
		};
	}, [anchor, onClose]);

	const walk = (event: KeyboardEvent) => {
		const buttons = [
			...(menu.current?.querySelectorAll<HTMLElement>("button") ?? []),
		];
		const index = buttons.indexOf(document.activeElement as HTMLElement);
		const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
		if (step !== undefined) {
			buttons.at((index + step) % buttons.length)?.focus();
		} else if (event.key === "Home") {
			buttons[0]?.focus();
		} else if (event.key === "End") {
			buttons.at(-1)?.focus();
		} else if (event.key === "Escape" || event.key === "Tab") {
			onClose();
			anchor.focus();
		} else {
			return;
		}
		event.preventDefault();
		event.stopPropagation();
	};

	return createPortal(
		<div
			ref={menu}
			className={classes.menu}
			style={place}
			role="menu"
			tabIndex={-1}
			aria-label={title}
			onKeyDown={walk}
		>
			<p className={classes.head}>{title}</p>
			{items.map((item) => (
				<button
					key={item.key}
					type="button"
					role="menuitem"
					className={classes.item}
					data-bad={item.bad || undefined}
					data-testid={`command-${item.key}`}
					onClick={() => {
						onClose();
						anchor.focus();
						item.act();
					}}
				>
					<item.icon stroke={1.9} aria-hidden />
					{item.word}
				</button>
			))}
		</div>,
		document.body,
	);
}
