import type { ReactNode } from "react";
import { isSecondClick, pressOnce } from "./Key";
import classes from "./SmallKey.module.css";

/**
 * A quiet key in a list or a notice of the room, as high as a line; a thumb finds it higher. Lists move under the pointer, so a
 * double click is one press.
 */
export function SmallKey({
	look,
	label,
	title,
	disabled,
	testId,
	onPress,
	children,
}: {
	/** `wide` fills its line; `icon` has a picture in place of a word. */
	look?: "wide" | "icon";
	/** What is read out, where the word alone does not say of whom it is. */
	label?: string;
	title?: string;
	disabled?: boolean;
	testId?: string;
	onPress: () => void;
	children: ReactNode;
}) {
	return (
		<button
			type="button"
			className={classes.key}
			data-look={look}
			data-testid={testId}
			aria-label={label}
			title={title}
			disabled={disabled}
			onKeyDown={pressOnce}
			onClick={(event) => {
				if (!isSecondClick(event)) onPress();
			}}
		>
			{children}
		</button>
	);
}
