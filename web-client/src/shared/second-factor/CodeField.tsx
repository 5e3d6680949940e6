import { TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./SecondFactor.module.css";

/** Six digits, without what groups them; none when they cannot be a code. */
export const sixDigits = (typed: string): string | null => {
	const plain = typed.replaceAll(/[\s-]/g, "");
	return /^\d{6}$/.test(plain) ? plain : null;
};

/** The field for the six digits that an application shows. */
export function CodeField({
	label,
	value,
	error,
	autoFocus,
	onChange,
}: {
	label: string;
	value: string;
	error: ReactNode;
	autoFocus?: boolean;
	onChange: (value: string) => void;
}) {
	return (
		<TextInput
			size="lg"
			classNames={{ input: classes.digits }}
			label={label}
			value={value}
			onChange={(event) => onChange(event.currentTarget.value)}
			inputMode="numeric"
			autoComplete="one-time-code"
			maxLength={7}
			spellCheck={false}
			autoFocus={autoFocus}
			required
			withAsterisk={false}
			error={error}
		/>
	);
}
