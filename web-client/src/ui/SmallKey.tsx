import type { ReactNode } from "react";
import classes from "./SmallKey.module.css";

/** A quiet key in a list or a notice of the room, as high as a line; a thumb finds it higher. */
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
			onClick={onPress}
		>
			{children}
		</button>
	);
}
