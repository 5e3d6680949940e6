import { useId } from "react";
import classes from "./Segmented.module.css";

/** One choice of a few, all in view: radio buttons in the shape of a switch. */
export function Segmented<Value extends string>({
	label,
	value,
	options,
	onChange,
	hint,
	hideLabel,
}: {
	label: string;
	value: Value;
	options: { value: Value; label: string }[];
	onChange: (value: Value) => void;
	/** A line under the choice that says what it means. */
	hint?: string | undefined;
	/** Whether the label is for screen readers only. */
	hideLabel?: boolean;
}) {
	const name = useId();
	return (
		<fieldset className={classes.field}>
			<legend className={hideLabel ? "vh" : classes.legend}>{label}</legend>
			<div className={classes.options}>
				{options.map((option) => (
					<label
						key={option.value}
						data-checked={option.value === value || undefined}
					>
						<input
							type="radio"
							name={name}
							value={option.value}
							checked={option.value === value}
							onChange={() => onChange(option.value)}
						/>
						{option.label}
					</label>
				))}
			</div>
			{hint && <p className={classes.hint}>{hint}</p>}
		</fieldset>
	);
}
