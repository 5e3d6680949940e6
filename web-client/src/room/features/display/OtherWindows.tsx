import { useEffect } from "react";
import { createPortal } from "react-dom";
import { useStore } from "zustand";
import { HandKey, MicrophoneKey } from "@/room/features/controls";
import { Stage } from "@/room/features/stage";
import classes from "./Display.module.css";
import { closeOtherWindows, otherWindows } from "./windows";

/** The main picture in the windows besides the page: floating, with the keys to speak; and large, for a second screen. */
export function OtherWindows() {
	const { floating, second } = useStore(otherWindows);
	useEffect(() => closeOtherWindows, []);
	return (
		<>
			{floating &&
				createPortal(
					<div className={classes.floating}>
						<Stage />
						<div className={classes.keys}>
							<MicrophoneKey />
							<HandKey />
						</div>
					</div>,
					floating.document.body,
				)}
			{second &&
				createPortal(
					<div className={classes.second}>
						<Stage />
					</div>,
					second.document.body,
				)}
		</>
	);
}
