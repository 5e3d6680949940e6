import { useMediaQuery } from "@mantine/hooks";
import { useEffect, useState } from "react";

/** A phone upright or on its side, and a desk that is enlarged to 200 %. */
const SMALL = "(max-width: 767px), (max-height: 559px)";

/** How long a keyboard on the glass may take to go once nobody types any more, in milliseconds. */
const KEYBOARD_MS = 1_000;

/**
 * Whether the screen is small. A keyboard on the glass of a tablet leaves a low window and makes no screen small: the layout
 * stays as it is while somebody types, or what is written would be lost with it.
 */
export function useSmallScreen(): boolean {
	const seen = useMediaQuery(SMALL, undefined, {
		getInitialValueInEffect: false,
	});
	const [small, setSmall] = useState(seen);
	useEffect(() => {
		if (seen === small) return;
		if (!isTyping()) {
			setSmall(seen);
			return;
		}
		let timer: ReturnType<typeof setTimeout> | undefined;
		const settle = () => {
			clearTimeout(timer);
			timer = setTimeout(() => {
				if (!isTyping()) setSmall(seen);
			}, KEYBOARD_MS);
		};
		addEventListener("focusout", settle);
		return () => {
			clearTimeout(timer);
			removeEventListener("focusout", settle);
		};
	}, [seen, small]);
	return small;
}

const isTyping = (): boolean =>
	document.activeElement?.matches(
		"textarea, input:not([type=checkbox], [type=radio])",
	) ?? false;
