import type { ComponentType, ReactNode } from "react";
import { Status, type Tone } from "@/kit/Status";
import classes from "./Lobby.module.css";

/** One line of the device check: what was looked at, what it gave, and the word for it. */
export function Check({
	icon: Icon,
	what,
	value,
	tone,
	word,
}: {
	icon: ComponentType<{ size?: number; stroke?: number }>;
	what: string;
	value: ReactNode;
	tone: Tone;
	word: string;
}) {
	return (
		<li className={classes.check}>
			<Icon size={20} stroke={1.9} />
			<b>{what}</b>
			<span className={classes.value}>{value}</span>
			<span className={classes.word} data-tone={tone}>
				<Status tone={tone}>{word}</Status>
			</span>
		</li>
	);
}
