import {
	IconMaximize,
	IconPictureInPicture,
	IconScreenShare,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { Key } from "@/kit/Key";
import { Segmented } from "@/kit/Segmented";
import type { Layout } from "@/room/state/display";
import { windowRefusedNotice } from "@/room/state/notices";
import { useRoom, useRoomSession } from "@/room/view/useRoom";
import classes from "./Display.module.css";
import { useFull } from "./useFull";
import {
	floatingKind,
	otherWindows,
	toggleFloating,
	toggleSecond,
} from "./windows";

/** What to see of the room, as far as there is a choice, and where: on this page, over the whole screen, floating, on a second screen. */
export function DisplayChoice({ layouts }: { layouts: readonly Layout[] }) {
	const { t } = useTranslation("room");
	const session = useRoomSession();
	const display = useRoom((view) => view.display);
	const [full, toggleFull] = useFull();
	const open = useStore(otherWindows);
	const refused = () => session.notify(windowRefusedNotice());
	return (
		<section className={classes.choice} data-testid="display">
			<h3>{t("display.label")}</h3>
			{layouts.length > 1 && (
				<Segmented
					hideLabel
					label={t("display.label")}
					value={display.layout}
					onChange={(layout) => session.setDisplay({ layout })}
					options={layouts.map((value) => ({
						value,
						label: t(`display.${value}`),
					}))}
				/>
			)}
			<label className={classes.check}>
				<input
					type="checkbox"
					checked={display.hideEmpty}
					data-testid="hide-empty"
					onChange={(event) =>
						session.setDisplay({ hideEmpty: event.currentTarget.checked })
					}
				/>
				{t("display.hideEmpty")}
			</label>
			<div className={classes.windows}>
				<Key
					icon={IconMaximize}
					word={t("display.full")}
					detail={full ? t("display.fullOn") : t("display.fullOff")}
					look={full ? "on" : "rest"}
					pressed={full}
					testId="key-full"
					onPress={() => {
						session.showPanel(null);
						toggleFull();
					}}
				/>
				{floatingKind() && (
					<Key
						icon={IconPictureInPicture}
						word={t("display.floating")}
						detail={t("display.floatingWhy")}
						look={open.floating ? "on" : "rest"}
						pressed={open.floating !== null}
						testId="key-floating"
						onPress={() => void toggleFloating().catch(refused)}
					/>
				)}
				{layouts.length > 1 && (
					<Key
						icon={IconScreenShare}
						word={t("display.second")}
						detail={t("display.secondWhy")}
						look={open.second ? "on" : "rest"}
						pressed={open.second !== null}
						testId="key-second"
						onPress={() => {
							if (!toggleSecond()) refused();
						}}
					/>
				)}
			</div>
		</section>
	);
}
