import { IconVideoOff } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { CaptureState } from "@/room/media/capture";
import classes from "./Lobby.module.css";
import { Preview } from "./Preview";

/** How one will be seen, or why one will not; the plate that will stand below it is given. */
export function SelfPicture({
	camera,
	cameraOn,
	publishes,
	children,
}: {
	camera: CaptureState;
	/** Whether one wants to be seen. */
	cameraOn: boolean;
	/** Whether one's role lets one be seen at all. */
	publishes: boolean;
	children: ReactNode;
}) {
	const { t } = useTranslation("room");
	return (
		<figure className={classes.self}>
			<div className={classes.picture}>
				{camera.name === "live" ? (
					<Preview track={camera.track} />
				) : (
					<p>
						<IconVideoOff size={40} stroke={1.5} aria-hidden="true" />
						{!publishes
							? t("lobby.viewer")
							: !cameraOn
								? t("lobby.cameraOff")
								: camera.name === "failed"
									? t("lobby.cameraBad")
									: t("lobby.cameraOpening")}
					</p>
				)}
			</div>
			{children}
		</figure>
	);
}
