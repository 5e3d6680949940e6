import { useEffect, useRef, useState } from "react";
import { isTaken } from "@/kit/keyboard";

const KEY = "diemcau.shortcuts";

/** What a key of the keyboard does; `up` when it is let go. */
export type Shortcut = (() => void) | { down: () => void; up: () => void };

/** Shortcuts by `event.code`, for example `KeyM`: the place of the key, whatever the input method makes of it. */
export type Shortcuts = Readonly<Record<string, Shortcut>>;

/** Whether this machine's people want shortcuts (WCAG 2.1.4), and how to change that. */
export function useShortcutsWanted(): [boolean, (wanted: boolean) => void] {
	const [wanted, setWanted] = useState(() => {
		try {
			return localStorage.getItem(KEY) !== "off";
		} catch {
			return true;
		}
	});
	return [
		wanted,
		(on) => {
			setWanted(on);
			try {
				localStorage.setItem(KEY, on ? "on" : "off");
			} catch {
				// The choice then lasts until the page is left.
			}
		},
	];
}

/** Acts on keys while nobody types, composes or works in a dialog. */
export function useShortcuts(shortcuts: Shortcuts, wanted: boolean): void {
	const current = useRef(shortcuts);
	current.current = shortcuts;
	useEffect(() => {
		if (!wanted) return;
		const held = new Map<string, () => void>();
		const down = (event: KeyboardEvent) => {
			if (event.repeat || !isFree(event)) return;
			const shortcut = current.current[nameOf(event)];
			if (!shortcut) return;
			event.preventDefault();
			if (typeof shortcut === "function") shortcut();
			else {
				held.set(event.code, shortcut.up);
				shortcut.down();
			}
		};
		const up = (event: KeyboardEvent) => {
			held.get(event.code)?.();
			held.delete(event.code);
		};
		const letGo = () => {
			for (const end of held.values()) end();
			held.clear();
		};
		addEventListener("keydown", down);
		addEventListener("keyup", up);
		addEventListener("blur", letGo);
		return () => {
			removeEventListener("keydown", down);
			removeEventListener("keyup", up);
			removeEventListener("blur", letGo);
			letGo();
		};
	}, [wanted]);
}

const nameOf = (event: KeyboardEvent): string =>
	event.shiftKey ? `Shift+${event.code}` : event.code;

function isFree(event: KeyboardEvent): boolean {
	if (isTaken(event)) return false;
	const at = event.target instanceof Element ? event.target : null;
	if (at?.closest("input, textarea, select, [contenteditable=true]")) {
		return false;
	}
	// A focused button takes Space and Enter itself, and in a list that has the focus Space turns the page.
	return !(
		at?.closest("button, a, [role=tab], [tabindex]") &&
		(event.code === "Space" || event.code === "Enter")
	);
}
