import type { ReactNode } from "react";
import { LanguageSwitch } from "@/i18n/LanguageSwitch";
import classes from "./Door.module.css";
import { Welcome } from "./Welcome";

/** The frame of each way in: what this is, the language, and what one does here. */
export function Door({ children }: { children: ReactNode }) {
	return (
		<div className={classes.login}>
			<Welcome />
			<main className={classes.side}>
				<div className={classes.language}>
					<LanguageSwitch />
				</div>
				{children}
			</main>
		</div>
	);
}
