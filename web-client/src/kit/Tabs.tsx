import type { KeyboardEvent, ReactNode } from "react";
import classes from "./Tabs.module.css";

/** One tab. */
export interface Tab<T extends string> {
	key: T;
	label: ReactNode;
	/** A number beside the label that waits to be looked at. */
	count?: number;
}

/** Tabs as one stop of the Tab key, walked with the arrows; the panel is the caller's. */
export function Tabs<T extends string>({
	label,
	tabs,
	current,
	panel,
	onChange,
	end,
}: {
	label: string;
	tabs: readonly Tab<T>[];
	current: T;
	/** The id of the panel. */
	panel: string;
	onChange: (key: T) => void;
	/** At the right end of the row. */
	end?: ReactNode;
}) {
	const walk = (event: KeyboardEvent<HTMLDivElement>) => {
		const index = tabs.findIndex((tab) => tab.key === current);
		const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
		const next = step === undefined ? undefined : tabs[index + step];
		if (!next) return;
		event.preventDefault();
		onChange(next.key);
		event.currentTarget
			.querySelector<HTMLElement>(`[data-tab="${next.key}"]`)
			?.focus();
	};
	return (
		<div className={classes.row}>
			<div
				className={classes.tabs}
				role="tablist"
				aria-label={label}
				onKeyDown={walk}
			>
				{tabs.map((tab) => (
					<button
						key={tab.key}
						type="button"
						role="tab"
						data-tab={tab.key}
						data-testid={`tab-${tab.key}`}
						aria-selected={tab.key === current}
						aria-controls={panel}
						tabIndex={tab.key === current ? 0 : -1}
						onClick={() => onChange(tab.key)}
					>
						{tab.label}
						{tab.count !== undefined && tab.count > 0 && (
							<span className={`fig ${classes.count}`}>{tab.count}</span>
						)}
					</button>
				))}
			</div>
			{end}
		</div>
	);
}
