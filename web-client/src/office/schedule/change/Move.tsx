import { TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { formatDate, formatDay, formatTime, sameDay } from "@/format";
import type { Session } from "@/protocol/generated/Session";
import type { SessionChange } from "@/protocol/generated/SessionChange";
import { useServer } from "@/session";
import { changeSession } from "../api";
import { readTimes, type Times, timeProblems } from "../new-session/draft";
import { When } from "../new-session/When";
import { FreeTimes, offersOf, Refusal } from "./Clash";
import { Sheet } from "./Sheet";
import { useChange } from "./useChange";

/** Another time for a session that has not begun. What is in the way is named, with three times at which everything is free. */
export function Move({
	session,
	now,
	onClose,
}: {
	session: Session;
	now: number;
	onClose: () => void;
}) {
	const { t, i18n } = useTranslation();
	const server = useServer();
	const { starts_at_us, ends_at_us } = session;
	const [times, setTimes] = useState<Times>({
		date: formatDate(starts_at_us),
		from: formatTime(starts_at_us),
		to: formatTime(ends_at_us),
	});
	const [reason, setReason] = useState("");
	const [tried, setTried] = useState(false);
	const [chosen, setChosen] = useState<number | null>(null);
	const change = useChange(
		session,
		(etag, what: SessionChange) =>
			changeSession(server, session.code, etag, what),
		onClose,
	);
	const problems = timeProblems(times, now);
	const typed = readTimes(times, now);
	const lengthUs =
		typed.start === null || typed.end === null
			? ends_at_us - starts_at_us
			: typed.end - typed.start;
	const offers = offersOf(change.error);
	const picked = offers.length > 0 ? (chosen ?? offers[0] ?? null) : null;
	const start = picked ?? typed.start;
	const end = picked === null ? typed.end : picked + lengthUs;
	const isAnother = start !== starts_at_us || end !== ends_at_us;

	return (
		<Sheet
			title={t("change.move")}
			note={t("change.stays")}
			no={t("change.moveNot")}
			yes={
				start === null || !isAnother
					? t("change.move")
					: t("change.moveTo", {
							when: sameDay(start, starts_at_us)
								? formatTime(start)
								: formatDate(start),
							count: session.invited.length,
						})
			}
			ready={isAnother}
			pending={change.isPending}
			onClose={onClose}
			onSubmit={() => {
				setTried(true);
				if (start === null || end === null) return;
				if (picked === null && Object.keys(problems).length > 0) return;
				setChosen(null);
				change.mutate({
					starts_at_us: start,
					ends_at_us: end,
					...(reason.trim() !== "" && { reason: reason.trim() }),
				});
			}}
		>
			<p>
				{t("change.planned", {
					day: formatDay(starts_at_us, i18n.language),
					from: formatTime(starts_at_us),
					to: formatTime(ends_at_us),
				})}
			</p>
			<When
				draft={times}
				now={now}
				problems={tried ? problems : {}}
				onChange={(part) => {
					setTimes({ ...times, ...part });
					setChosen(null);
					change.reset();
				}}
			/>
			{change.isError && <Refusal error={change.error} />}
			{offers.length > 0 && (
				<FreeTimes
					begins={offers}
					lengthUs={lengthUs}
					chosen={picked}
					onChoose={setChosen}
				/>
			)}
			<TextInput
				label={t("change.reason")}
				value={reason}
				maxLength={300}
				onChange={(event) => setReason(event.currentTarget.value)}
			/>
		</Sheet>
	);
}
