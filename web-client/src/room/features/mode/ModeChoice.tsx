import { useTranslation } from "react-i18next";
import { unbroken } from "@/format";
import type { Preset } from "@/protocol/generated/Preset";
import { mayChair, nameOf } from "@/room/state/selectors";
import { useRoom, useRoomSession, useRoomState } from "@/room/view/useRoom";
import classes from "./Mode.module.css";
import { TakeChairKey } from "./TakeChairKey";

/** Every preset, from the freest on. */
const PRESETS: readonly Preset[] = ["discussion", "training", "conference"];

/**
 * Who may speak, show and write at the moment, as plain text; for those who preside, the presets that share it out, each with
 * its effect.
 */
export function ModeChoice() {
	const { t } = useTranslation("room");
	const session = useRoomSession();
	const room = useRoomState();
	const chair = useRoom(mayChair);
	const { preset } = room.session;
	const speak = room.allLocked
		? preset === "training"
			? t("mode.speak.training")
			: t("mode.speak.conference")
		: t("mode.speak.discussion");
	const show =
		room.screenLockedTo === null
			? t(`mode.show.${preset}`)
			: t("mode.show.one", {
					name: unbroken(nameOf(room, room.screenLockedTo)),
				});
	return (
		<section className={classes.mode} aria-labelledby="mode-title">
			<h3 id="mode-title">{t("mode.title")}</h3>
			<dl className={classes.rights} data-testid="mode-rights">
				<dt>{t("mode.speak.who")}</dt>
				<dd>{speak}</dd>
				<dt>{t("mode.show.who")}</dt>
				<dd>{show}</dd>
				<dt>{t("mode.rest.who")}</dt>
				<dd>{t("mode.rest.everybody")}</dd>
				<dt>{t("mode.record.who")}</dt>
				<dd>{t("mode.record.presiding")}</dd>
			</dl>
			<TakeChairKey />
			{chair && (
				<div className={classes.presets}>
					{PRESETS.map((each) => (
						<button
							key={each}
							type="button"
							aria-pressed={each === preset}
							data-testid={`preset-${each}`}
							onClick={() =>
								void session.ask({ type: "set_preset", preset: each })
							}
						>
							<b>{t(`mode.${each}`)}</b>
							<small>{t(`mode.effect.${each}`)}</small>
						</button>
					))}
					{room.screenLockedTo !== null && (
						<button
							type="button"
							data-testid="screen-free"
							onClick={() =>
								void session.ask({ type: "lock_screen", participant: null })
							}
						>
							<b>{t("command.screenFree")}</b>
							<small>{t(`mode.show.${preset}`)}</small>
						</button>
					)}
				</div>
			)}
		</section>
	);
}
