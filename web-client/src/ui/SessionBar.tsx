import type { ReactNode } from "react";
import { formatTime } from "@/format";
import { Mark } from "./Mark";
import classes from "./SessionBar.module.css";
import { useNow } from "./useNow";

/** The one bar of a room screen: what session this is, what holds for it (recorded, locked), the clock, how to leave. */
export function SessionBar({
	title,
	flags,
	actions,
}: {
	title: string;
	/** States that everybody should see, such as "Đang ghi". */
	flags?: ReactNode;
	/** Keys at the right end. */
	actions?: ReactNode;
}) {
	const now = useNow(1_000);
	return (
		<header className={classes.bar}>
			<Mark width={30} />
			<h1 className={classes.title}>{title}</h1>
			{flags && <div className={classes.flags}>{flags}</div>}
			<time className={`fig ${classes.clock}`}>{formatTime(now)}</time>
			{actions && <div className={classes.actions}>{actions}</div>}
		</header>
	);
}
