import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { formatDateTime, formatIsoDay } from "@/format";
import { Banner, ButtonLink, Card, Empty, Loaded, Page, Tag } from "@/kit";
import { Question } from "@/kit/Question";
import type { UnitChange } from "@/protocol/generated/UnitChange";
import { useErrorSentence, useServer } from "@/session";
import { Only } from "@/session/Only";
import { may, useMe } from "@/session/useMe";
import { changesQuery, undoChange } from "../api";
import classes from "./Decisions.module.css";
import { useStepSentence } from "./stepSentence";

/** Every decision on units, and the way back from each. */
export function Decisions() {
	const { t } = useTranslation();
	const me = useMe();
	return (
		<Only
			may={may(me, "change_units")}
			title={t("decisions.title")}
			refusal={t("decisions.notYours")}
			whose={t("decisions.whoMay")}
		>
			<List />
		</Only>
	);
}

function List() {
	const { t } = useTranslation();
	const server = useServer();
	const query = useQuery(changesQuery(server));
	return (
		<Page
			title={t("decisions.title")}
			aside={
				<>
					<ButtonLink to="/units/import">{t("unitFile.link")}</ButtonLink>
					<ButtonLink to="/units">{t("decisions.back")}</ButtonLink>
				</>
			}
		>
			<Loaded
				query={query}
				what={t("decisions.what")}
				frame={(waiting) => <Card>{waiting}</Card>}
			>
				{(changes) =>
					changes.length === 0 ? (
						<Card>
							<Empty title={t("decisions.none")}>
								{t("decisions.noneText")}
							</Empty>
						</Card>
					) : (
						<ul className={classes.list}>
							{changes.map((change) => (
								<Row key={change.id} change={change} />
							))}
						</ul>
					)
				}
			</Loaded>
		</Page>
	);
}

const tones = { planned: "info", applied: "ok", undone: "none" } as const;

function Row({ change }: { change: UnitChange }) {
	const { t } = useTranslation();
	const server = useServer();
	const queryClient = useQueryClient();
	const say = useErrorSentence();
	const sayStep = useStepSentence();
	const [asks, setAsks] = useState(false);
	const undo = useMutation({
		mutationFn: () => undoChange(server, change.id),
		onSettled: () =>
			Promise.all([
				queryClient.invalidateQueries({ queryKey: ["unit-changes"] }),
				queryClient.invalidateQueries({ queryKey: ["units"] }),
			]),
	});
	const time = formatDateTime(change.created_at_us);
	const day = formatIsoDay(change.day);
	return (
		<li>
			<Card className={classes.row}>
				<div className={classes.paper}>
					<h2>
						{change.document}{" "}
						<Tag tone={tones[change.state]}>
							{t(`decisions.state.${change.state}`)}
						</Tag>
					</h2>
					<p>{change.title}</p>
					<ul>
						{change.steps.slice(0, 8).map((step, index) => (
							// biome-ignore lint/suspicious/noArrayIndexKey: what was decided never moves.
							<li key={index}>{sayStep(step)}</li>
						))}
						{change.steps.length > 8 && (
							<li>
								{t("decision.moreUnits", { count: change.steps.length - 8 })}
							</li>
						)}
					</ul>
				</div>
				<div className={classes.facts}>
					<b className="fig">{t("decisions.from", { day })}</b>
					<span>{t("decisions.rows", { count: change.rows })}</span>
					<span>
						{change.by === null
							? t("decisions.bySystem", { time })
							: t("decisions.by", { name: change.by, time })}
					</span>
					<Link to="/units" search={{ day: change.day }}>
						{t("decisions.see", { day })}
					</Link>
				</div>
				{change.may.includes("undo") && (
					<Button loading={undo.isPending} onClick={() => setAsks(true)}>
						{t("decisions.undo")}
					</Button>
				)}
			</Card>
			{undo.isError && <Banner tone="bad">{say(undo.error)}</Banner>}
			<Question
				opened={asks}
				title={t("decisions.undoTitle", { document: change.document })}
				no={t("decisions.no")}
				yes={t("decisions.undo")}
				testId="undo-yes"
				onClose={() => setAsks(false)}
				onYes={() => undo.mutate()}
			>
				<p>{t("decisions.undoText", { count: change.rows, day })}</p>
			</Question>
		</li>
	);
}
