import { IconMicrophone } from "@tabler/icons-react";
import classes from "./Meter.module.css";

/** Ten bars that light up with a level from 0 to 1. Their meaning stands in words beside them. */
export function Meter({ level, bars = 10 }: { level: number; bars?: number }) {
	const lit = Math.round(level * bars);
	return (
		<span className={classes.meter} aria-hidden="true" data-level={lit}>
			<span className={classes.bars}>
				{Array.from({ length: bars }, (_, bar) => (
					// biome-ignore lint/suspicious/noArrayIndexKey: bars that never move.
					<i key={bar} data-lit={bar < lit || undefined} />
				))}
			</span>
			<span className={classes.still} data-lit={lit > 0 || undefined}>
				<IconMicrophone size={20} stroke={1.9} />
			</span>
		</span>
	);
}
