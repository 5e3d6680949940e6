import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { useCalling } from "@/room/features/chair";
import { useOwnControls } from "@/room/features/controls";
import { useFull } from "@/room/features/display";
import { LAYOUTS, type Layout } from "@/room/state/display";
import {
	usePlaces,
	useRoom,
	useRoomSession,
	useRoomState,
} from "@/room/view/useRoom";
import type { Shortcuts } from "./useShortcuts";

/** Figures within this time belong to one number, in milliseconds. */
const DIGITS_MS = 1_200;

/**
 * What the keys of the keyboard do at a desk, and the list of them. No single key cuts a speaker: M makes the next one wait
 * while somebody speaks, and T goes to the key that ends the turn.
 */
export function useDeskShortcuts({
	chair,
	selected,
	onSelect,
	onMore,
	onKeys,
	onChat,
}: {
	chair: boolean;
	selected: string | null;
	onSelect: (key: string) => void;
	onMore: () => void;
	onKeys: () => void;
	onChat: () => void;
}): { act: Shortcuts; list: { keys: string; what: string }[] } {
	const { t } = useTranslation("room");
	const session = useRoomSession();
	const room = useRoomState();
	const places = usePlaces();
	const own = useOwnControls();
	const calling = useCalling();
	const [, toggleFull] = useFull();
	const layout = useRoom((view) => view.display.layout);
	const digits = useRef({ text: "", at: 0 });
	/** Whether the microphone is open for as long as the space bar is held. */
	const talks = useRef(false);

	/** Figures in a row name one place by its number; more than two where numbers are that long. */
	const digit = (figure: string) => () => {
		const now = performance.now();
		const { text: before, at } = digits.current;
		const text = now - at < DIGITS_MS ? before + figure : figure;
		const number = Number(text);
		const place = places.find(({ seat }) => seat?.number === number);
		const length = Math.max(
			2,
			...places.map(({ seat }) => String(seat?.number ?? 0).length),
		);
		const whole = text.length >= length;
		digits.current = whole ? { text: "", at: 0 } : { text, at: now };
		if (place && text.length >= 2) onSelect(place.key);
	};

	const common: Shortcuts = {
		KeyF: toggleFull,
		KeyV: () => session.setDisplay({ layout: nextLayout(layout) }),
		KeyL: onMore,
		"Shift+Slash": onKeys,
	};
	const commonList = [
		{ keys: t("shortcuts.arrows"), what: t("shortcuts.walk") },
		{ keys: "V", what: t("shortcuts.layout") },
		{ keys: "F", what: t("display.full") },
		{ keys: "L", what: t("shortcuts.more") },
		{ keys: "?", what: t("shortcuts.list") },
	];
	if (!chair) {
		return {
			act: {
				...common,
				Digit0: own.decline,
				Numpad0: own.decline,
				KeyH: own.toggleHand,
				KeyC: onChat,
				Space: {
					down: () => {
						if (own.locked) own.sayLocked();
						// What was open before stays as it is: the key closes what it opened, and nothing else.
						else if (own.mayPublish && !own.open) {
							talks.current = true;
							own.microphone();
						}
					},
					up: () => {
						if (talks.current) void session.setMicrophone(false);
						talks.current = false;
					},
				},
			},
			list: [
				{ keys: "H", what: t("shortcuts.hand") },
				{ keys: "0", what: t("shortcuts.notYet") },
				{ keys: t("shortcuts.space"), what: t("shortcuts.talk") },
				{ keys: "C", what: t("shortcuts.chat") },
				...commonList,
			],
		};
	}
	const occupant =
		places.find((place) => place.key === selected)?.occupant ?? null;
	const figures = Object.fromEntries(
		[..."0123456789"].flatMap((figure) => [
			[`Digit${figure}`, digit(figure)],
			[`Numpad${figure}`, digit(figure)],
		]),
	);
	return {
		act: {
			...common,
			...figures,
			KeyM: calling.callFirst,
			KeyK: () =>
				void session.ask({ type: "set_lock_all", locked: !room.allLocked }),
			KeyP: () => {
				if (occupant !== null) {
					void session.ask({
						type: "broadcast",
						participant: room.broadcast === occupant ? null : occupant,
					});
				}
			},
			KeyT: () =>
				document
					.querySelector<HTMLElement>("[data-testid=release-floor]")
					?.focus(),
		},
		list: [
			{ keys: "M", what: t("shortcuts.grant") },
			{ keys: "T", what: t("shortcuts.release") },
			{ keys: "K", what: t("shortcuts.lock") },
			{ keys: "P", what: t("shortcuts.broadcast") },
			{ keys: t("shortcuts.digits"), what: t("shortcuts.select") },
			...commonList,
		],
	};
}

/** The layout after this one, around. */
const nextLayout = (layout: Layout): Layout =>
	LAYOUTS[(LAYOUTS.indexOf(layout) + 1) % LAYOUTS.length] ?? "both";
