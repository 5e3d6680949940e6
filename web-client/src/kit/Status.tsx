import {
	IconAlertTriangle,
	IconCircleCheck,
	IconCircleDashed,
	IconCircleX,
	IconInfoCircle,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import classes from "./Status.module.css";

/** How something stands. Each tone has its own colour and its own shape, so that it survives in grey. */
export type Tone = "ok" | "warn" | "bad" | "info" | "none";

const shapes = {
	ok: IconCircleCheck,
	warn: IconAlertTriangle,
	bad: IconCircleX,
	info: IconInfoCircle,
	none: IconCircleDashed,
};

/** The shape of a tone, beside its word. */
export function ToneIcon({ tone, size = 20 }: { tone: Tone; size?: number }) {
	const Shape = shapes[tone];
	return <Shape size={size} stroke={1.9} aria-hidden="true" />;
}

/** A word with its shape, in its tone's colour; `icon` replaces the shape. */
export function Status({
	tone,
	icon,
	children,
}: {
	tone: Tone;
	icon?: ReactNode;
	children: ReactNode;
}) {
	return (
		<span className={classes.status} data-tone={tone}>
			{icon ?? <ToneIcon tone={tone} />}
			<span>{children}</span>
		</span>
	);
}

/** A small labelled block, such as a role or a kind. */
export function Tag({
	tone = "none",
	children,
}: {
	tone?: Tone;
	children: ReactNode;
}) {
	return (
		<span className={classes.tag} data-tone={tone}>
			{children}
		</span>
	);
}
