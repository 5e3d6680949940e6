import { IconChevronDown } from "@tabler/icons-react";
import { useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import type { ListedKind } from "@/room/media/devices";
import type { OwnDevices } from "@/room/media/ownDevices";
import { DEVICE_ICONS, DeviceGroup } from "./DeviceGroup";
import classes from "./Devices.module.css";

/** The device of one kind that is in use, as a key that shows all of them. */
export function DevicePicker({
	devices,
	kind,
}: {
	devices: OwnDevices;
	kind: ListedKind;
}) {
	const { t } = useTranslation("room");
	const [opened, setOpened] = useState(false);
	const box = useRef<HTMLDivElement>(null);
	const panel = useId();
	const Icon = DEVICE_ICONS[kind];
	const { speaker, ...own } = useStore(devices.store);
	const state = kind === "speaker" ? null : own[kind];
	const used =
		kind === "speaker"
			? speaker.device
			: state?.name === "live"
				? state.device
				: null;
	const said =
		state?.name === "opening"
			? t("device.unknown")
			: used?.label || t("device.default");

	useEffect(() => {
		if (!opened) return;
		const outside = (event: PointerEvent) => {
			if (!box.current?.contains(event.target as Node)) setOpened(false);
		};
		addEventListener("pointerdown", outside);
		return () => removeEventListener("pointerdown", outside);
	}, [opened]);

	return (
		// biome-ignore lint/a11y/noStaticElementInteractions: Escape closes the panel wherever the focus is in it.
		<div
			ref={box}
			className={classes.picker}
			onKeyDown={(event) => {
				if (event.key !== "Escape" || !opened) return;
				event.stopPropagation();
				setOpened(false);
				box.current?.querySelector("button")?.focus();
			}}
		>
			<span className={classes.name}>
				<Icon size={20} stroke={1.9} aria-hidden="true" />
				{t(`device.${kind}`)}
			</span>
			<button
				type="button"
				className={classes.current}
				aria-expanded={opened}
				aria-controls={panel}
				aria-label={`${t(`device.${kind}`)}: ${said}`}
				data-testid={`pick-${kind}`}
				onClick={() => setOpened(!opened)}
			>
				<span>{said}</span>
				<IconChevronDown size={20} stroke={1.9} aria-hidden="true" />
			</button>
			<div id={panel} className={classes.panel} hidden={!opened}>
				{opened && <DeviceGroup devices={devices} kind={kind} />}
			</div>
		</div>
	);
}
