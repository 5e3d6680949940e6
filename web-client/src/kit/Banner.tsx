import type { ReactNode } from "react";
import classes from "./Banner.module.css";
import { type Tone, ToneIcon } from "./Status";

/** One sentence with at most one action, for a condition that lasts. What is urgent is announced at once, the rest politely. */
export function Banner({
	tone,
	urgent = tone === "bad",
	action,
	children,
}: {
	tone: Exclude<Tone, "none">;
	/** Whether a screen reader interrupts for it. */
	urgent?: boolean;
	action?: ReactNode;
	children: ReactNode;
}) {
	return (
		<div
			className={classes.banner}
			data-tone={tone}
			role={urgent ? "alert" : "status"}
		>
			<ToneIcon tone={tone} size={24} />
			<div className={classes.text}>{children}</div>
			{action}
		</div>
	);
}

/** The one thing that can be done about a banner. */
export function BannerKey({
	onPress,
	testId,
	children,
}: {
	onPress: () => void;
	testId?: string;
	children: ReactNode;
}) {
	return (
		<button
			type="button"
			className={classes.key}
			data-testid={testId}
			onClick={onPress}
		>
			{children}
		</button>
	);
}
