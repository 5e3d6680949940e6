import { Drawer } from "@mantine/core";
import { type ReactNode, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { LanguageSwitch } from "@/i18n/LanguageSwitch";
import { Tabs } from "@/kit/Tabs";
import { DeviceGroup } from "@/room/features/devices";
import { DisplayChoice } from "@/room/features/display";
import { ModeChoice } from "@/room/features/mode";
import {
	PictureCodecChoice,
	ReceiveChoice,
	ShortcutList,
	Statistics,
} from "@/room/features/settings";
import type { Layout } from "@/room/state/display";
import { isOpen, mayPublish, you } from "@/room/state/selectors";
import type { Panel } from "@/room/state/store";
import { useRoom, useRoomSession } from "@/room/view/useRoom";
import classes from "./MoreDrawer.module.css";

/**
 * What is needed seldom, a part at a time: commands and what to receive, devices, the keys of the keyboard, and what a
 * technician asks for on the telephone. `children` are keys without room elsewhere.
 */
export function MoreDrawer({
	layouts,
	shortcuts,
	wanted,
	onWanted,
	children,
}: {
	/** The layouts that there is room for. */
	layouts: readonly Layout[];
	/** Left out where there is no keyboard. */
	shortcuts?: readonly { keys: string; what: string }[];
	wanted?: boolean;
	onWanted?: (wanted: boolean) => void;
	children?: ReactNode;
}) {
	const { t } = useTranslation("room");
	const session = useRoomSession();
	const panel = useRoom((view) => view.panel);
	const parts: Panel[] = [
		"commands",
		"devices",
		...(shortcuts ? (["keys"] as const) : []),
		"technician",
	];
	const shown = panel && parts.includes(panel) ? panel : "commands";
	return (
		<Drawer
			opened={panel !== null}
			onClose={() => session.showPanel(null)}
			position="right"
			size={440}
			title={t("more.title")}
			closeButtonProps={{ "aria-label": t("close") }}
		>
			<div className={classes.tabs}>
				<Tabs
					label={t("more.title")}
					panel="more-panel"
					current={shown}
					onChange={(part) => session.showPanel(part)}
					tabs={parts.map((part) => ({ key: part, label: t(`more.${part}`) }))}
				/>
			</div>
			<div
				id="more-panel"
				role="tabpanel"
				className={classes.more}
				data-testid="more"
				data-panel={shown}
			>
				{shown === "commands" && (
					<>
						{children && <div className={classes.keys}>{children}</div>}
						<ModeChoice />
						<DisplayChoice layouts={layouts} />
						<ReceiveChoice />
						<div className={classes.language}>
							<h3>{t("more.language")}</h3>
							<LanguageSwitch ground="dark" />
						</div>
					</>
				)}
				{shown === "devices" && <Devices />}
				{shown === "keys" && shortcuts && (
					<div>
						<ShortcutList keys={shortcuts} />
						<label className={classes.wanted}>
							<input
								type="checkbox"
								checked={wanted}
								onChange={(event) => onWanted?.(event.currentTarget.checked)}
							/>
							{t("more.keyboard")}
						</label>
					</div>
				)}
				{shown === "technician" && (
					<>
						<Suspense>
							<Statistics />
						</Suspense>
						<PictureCodecChoice />
					</>
				)}
			</div>
		</Drawer>
	);
}

/** One's own devices, changed without leaving. Whoever may not publish chooses a loudspeaker alone. */
function Devices() {
	const { t } = useTranslation("room");
	const { devices } = useRoomSession();
	const { publishes, closed } = useRoom((view) => {
		const me = you(view);
		return { publishes: mayPublish(view), closed: me !== null && !isOpen(me) };
	});
	return (
		<>
			{publishes && (
				<>
					<DeviceGroup
						devices={devices}
						kind="microphone"
						note={closed ? t("device.mutedIs") : undefined}
					/>
					<DeviceGroup devices={devices} kind="camera" />
				</>
			)}
			<DeviceGroup devices={devices} kind="speaker" />
		</>
	);
}
