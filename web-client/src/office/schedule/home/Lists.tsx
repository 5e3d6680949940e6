import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { formatDay } from "@/format";
import { Card, Loaded, Section, useShown } from "@/kit";
import type { Session } from "@/protocol/generated/Session";
import { useServer } from "@/session";
import { sessionsQuery } from "../api";
import { type Arranged, arrange, listed } from "./arrange";
import { conveningUnits, isChosen } from "./filter";
import classes from "./Home.module.css";
import { ListFilter } from "./ListFilter";
import { SessionRow } from "./SessionRow";

/**
 * The sessions beside the one at hand: all of them, or those of a choice, which lives in the address. Whatever becomes of the
 * choice, the choosing stays in sight.
 */
export function Lists({
	all,
	now,
	fromUs,
	toUs,
}: {
	/** Every session of the page, whatever was chosen. */
	all: Session[];
	now: number;
	/** The time that the page covers. */
	fromUs: number;
	toUs: number;
}) {
	const { t } = useTranslation();
	const server = useServer();
	const filter = useSearch({ from: "/known/shell/" });
	const navigate = useNavigate({ from: "/" });
	const query = useQuery({
		...sessionsQuery(server, fromUs, toUs, filter),
		placeholderData: keepPreviousData,
	});
	const sessions = useShown()(query);
	// Where to go now does not depend on what somebody looks for.
	const lists = arrange(sessions ?? [], now, all);
	const waits = sessions === undefined || query.isPlaceholderData;
	const found = waits ? undefined : listed(lists, sessions);

	return (
		<>
			{(isChosen(filter) || all.length > 1) && (
				<ListFilter
					filter={filter}
					units={conveningUnits(all)}
					found={found}
					onChange={(search) => void navigate({ search, replace: true })}
				/>
			)}
			<Loaded
				query={query}
				what={t("home.sessions")}
				frame={(waiting) => <Card className={classes.waiting}>{waiting}</Card>}
			>
				{() =>
					isChosen(filter) && found === 0 ? null : (
						<Columns
							lists={lists}
							chosen={isChosen(filter)}
							waits={query.isPlaceholderData}
						/>
					)
				}
			</Loaded>
		</>
	);
}

/** The others of the day and the days that follow; beside them what can be replayed. */
function Columns({
	lists: { today, later, replay },
	chosen,
	waits,
}: {
	lists: Arranged;
	chosen: boolean;
	/** Whether these are the lists of the choice before. */
	waits: boolean;
}) {
	const { t, i18n } = useTranslation();
	return (
		<div className={classes.columns} aria-busy={waits}>
			<div className={classes.column}>
				{today.length > 0 && (
					<Section title={t("home.today")}>
						<Rows sessions={today} />
					</Section>
				)}
				<Section title={t("home.later")}>
					{later.length === 0 ? (
						<Card className={classes.none}>
							{t(chosen ? "home.noneOfThese" : "home.laterEmpty")}
						</Card>
					) : (
						later.map(({ day, sessions }) => (
							<div key={day} className={classes.group}>
								<h3>{formatDay(day, i18n.language)}</h3>
								<Rows sessions={sessions} />
							</div>
						))
					)}
				</Section>
			</div>
			<Section title={t("home.replay")}>
				{replay.length === 0 ? (
					<Card className={classes.none}>
						{t(chosen ? "home.noneOfThese" : "home.replayEmpty")}
					</Card>
				) : (
					<Rows sessions={replay} dated />
				)}
			</Section>
		</div>
	);
}

function Rows({ sessions, dated }: { sessions: Session[]; dated?: boolean }) {
	return (
		<Card>
			<ul>
				{sessions.map((session) => (
					<SessionRow
						key={session.code}
						session={session}
						dated={dated ?? false}
					/>
				))}
			</ul>
		</Card>
	);
}
