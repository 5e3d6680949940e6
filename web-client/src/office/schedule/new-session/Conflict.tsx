import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { formatDate, formatTime, formatWeekday, sameDay } from "@/format";
import { Banner, ButtonLink } from "@/kit";
import { ApiError, useErrorSentence } from "@/session";
import classes from "./NewSession.module.css";

/** Why a session was not made; a booking conflict names the other session, leads to it, and offers times at which all are free. */
export function Conflict({
	error,
	now,
	onMove,
}: {
	error: unknown;
	now: number;
	/** Puts the session at another begin, in microseconds UTC. */
	onMove: (startUs: number) => void;
}) {
	const { t, i18n } = useTranslation();
	const sentence = useErrorSentence();
	const taken = error instanceof ApiError && error.code === "booking_conflict";
	const other = taken ? error.params.code : undefined;
	const free = taken
		? Object.entries(error.params)
				.filter(([name]) => /^free_\d+_us$/.test(name))
				.map(([, us]) => Number(us))
		: [];
	return (
		<Banner
			tone="bad"
			action={
				other && (
					<ButtonLink to="/s/$code" params={{ code: other }} size="sm">
						{t("create.seeOther")}
					</ButtonLink>
				)
			}
		>
			<p>{sentence(error)}</p>
			{free.length > 0 && (
				<fieldset className={classes.offers}>
					<legend>{t("create.free")}</legend>
					{free.map((us) => (
						<Button key={us} size="sm" onClick={() => onMove(us)}>
							{formatTime(us)}{" "}
							{sameDay(us, now)
								? t("create.today")
								: `${formatWeekday(us, i18n.language)} ${formatDate(us)}`}
						</Button>
					))}
				</fieldset>
			)}
		</Banner>
	);
}
