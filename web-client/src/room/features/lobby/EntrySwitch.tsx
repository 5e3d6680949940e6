import type { ComponentType, ReactNode } from "react";
import classes from "./Lobby.module.css";

/** Whether a device is on when one goes in. */
export function EntrySwitch({
	on,
	icon: Icon,
	testId,
	onPress,
	children,
}: {
	on: boolean;
	icon: ComponentType<{ size?: number; stroke?: number }>;
	testId: string;
	onPress: () => void;
	children: ReactNode;
}) {
	return (
		<button
			type="button"
			className={classes.switch}
			aria-pressed={on}
			data-testid={testId}
			onClick={onPress}
		>
			<Icon size={20} stroke={1.9} />
			{children}
		</button>
	);
}
