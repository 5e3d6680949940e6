import classes from "./ProgressBar.module.css";

/** How far something is, from 0 to 100. */
export function ProgressBar({
	label,
	percent,
}: {
	label: string;
	percent: number;
}) {
	return (
		<div
			className={classes.bar}
			role="progressbar"
			aria-label={label}
			aria-valuemin={0}
			aria-valuemax={100}
			aria-valuenow={percent}
		>
			<i style={{ width: `${percent}%` }} />
		</div>
	);
}
