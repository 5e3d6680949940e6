import { IconAlertTriangle } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { formatDate, formatTime, formatWeekday } from "@/format";
import { Banner } from "@/kit";
import { ApiError, useErrorSentence } from "@/session";
import classes from "./Change.module.css";

/** What is in the way of a time: the point or room that is taken, by what, until when. */
interface InTheWay {
	place: string;
	title: string;
	untilUs: number;
}

/** Whether a change failed because something is taken. */
export const isClash = (error: unknown): error is ApiError =>
	error instanceof ApiError && error.code === "booking_conflict";

/** The times that a refusal offers, as begins in microseconds UTC. */
export const offersOf = (error: unknown): number[] =>
	isClash(error)
		? Object.entries(error.params)
				.filter(([name]) => /^free_\d+_us$/.test(name))
				.map(([, us]) => Number(us))
		: [];

function inTheWay({ params }: ApiError): InTheWay[] {
	const at = (prefix: string): InTheWay[] => {
		const place = params[`${prefix}room`] ?? params[`${prefix}point`];
		return place === undefined
			? []
			: [
					{
						place,
						title: params[`${prefix}title`] ?? "",
						untilUs: Number(params[`${prefix}ends_at_us`]),
					},
				];
	};
	return ["", "also_1_", "also_2_", "also_3_", "also_4_"].flatMap(at);
}

/** Why a change was refused; a clash names each place that is taken. */
export function Refusal({ error }: { error: unknown }) {
	const { t } = useTranslation();
	const sentence = useErrorSentence();
	if (!isClash(error)) return <Banner tone="bad">{sentence(error)}</Banner>;
	return (
		<div role="alert">
			<ul className={classes.clash}>
				{inTheWay(error).map(({ place, title, untilUs }) => (
					<li key={place}>
						<IconAlertTriangle size={20} stroke={1.9} aria-hidden="true" />
						<span>
							{t("change.taken", { place })} <b>{title}</b>
							{t("change.takenUntil", { time: formatTime(untilUs) })}
						</span>
					</li>
				))}
			</ul>
		</div>
	);
}

/** Begins to choose from, each with its day and how long it would last. */
export function FreeTimes({
	begins,
	lengthUs,
	chosen,
	onChoose,
}: {
	/** In microseconds UTC. */
	begins: number[];
	lengthUs: number;
	chosen: number | null;
	onChoose: (beginUs: number) => void;
}) {
	const { t, i18n } = useTranslation();
	return (
		<fieldset>
			<legend className={classes.legend}>{t("change.free")}</legend>
			<div className={classes.free}>
				{begins.map((begin) => (
					<label key={begin}>
						<input
							type="radio"
							name="free"
							checked={begin === chosen}
							onChange={() => onChoose(begin)}
						/>
						<span>
							{formatWeekday(begin, i18n.language)},{" "}
							<span className="fig">{formatDate(begin)}</span>
						</span>
						<span className="fig">
							{formatTime(begin)}–{formatTime(begin + lengthUs)}
						</span>
					</label>
				))}
			</div>
		</fieldset>
	);
}
