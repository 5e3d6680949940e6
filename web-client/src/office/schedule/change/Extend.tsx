import { useState } from "react";
import { useTranslation } from "react-i18next";
import { formatTime } from "@/format";
import type { Session } from "@/protocol/generated/Session";
import type { SessionChange } from "@/protocol/generated/SessionChange";
import { useServer } from "@/session";
import { changeSession } from "../api";
import classes from "./Change.module.css";
import { Refusal } from "./Clash";
import { Sheet } from "./Sheet";
import { useChange } from "./useChange";

const minuteUs = 60_000_000;

/** By how much a session that runs is prolonged, in minutes. */
const steps = [15, 30, 60, 90];

/** A later end for a session that runs. */
export function Extend({
	session,
	now,
	onClose,
}: {
	session: Session;
	now: number;
	onClose: () => void;
}) {
	const { t } = useTranslation();
	const server = useServer();
	const [step, setStep] = useState(30);
	const change = useChange(
		session,
		(etag, what: SessionChange) =>
			changeSession(server, session.code, etag, what),
		onClose,
	);
	// One that runs over its time goes on from the present, to a whole quarter of an hour.
	const quarterUs = 15 * minuteUs;
	const from = Math.max(
		session.ends_at_us,
		Math.ceil(now / quarterUs) * quarterUs,
	);
	const until = (minutes: number) => from + minutes * minuteUs;

	return (
		<Sheet
			title={t("change.extend")}
			note={t("change.extendNote")}
			no={t("change.extendNot")}
			yes={t("change.extendTo", {
				time: formatTime(until(step)),
				count: session.invited.length,
			})}
			pending={change.isPending}
			onClose={onClose}
			onSubmit={() => change.mutate({ ends_at_us: until(step) })}
		>
			<p>{t("change.endsAt", { time: formatTime(session.ends_at_us) })}</p>
			<fieldset>
				<legend className={classes.legend}>{t("change.newEnd")}</legend>
				<div className={classes.free}>
					{steps.map((minutes) => (
						<label key={minutes}>
							<input
								type="radio"
								name="step"
								checked={minutes === step}
								onChange={() => {
									setStep(minutes);
									change.reset();
								}}
							/>
							<span>{t("change.byMinutes", { count: minutes })}</span>
							<span className="fig">{formatTime(until(minutes))}</span>
						</label>
					))}
				</div>
			</fieldset>
			{change.isError && <Refusal error={change.error} />}
		</Sheet>
	);
}
