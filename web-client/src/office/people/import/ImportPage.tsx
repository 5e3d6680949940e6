import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import {
	Banner,
	ButtonLink,
	Card,
	Loaded,
	Page,
	ProgressBar,
	Segmented,
	ToneIcon,
} from "@/kit";
import type { PeopleImport } from "@/protocol/generated/PeopleImport";
import type { RowVerdict } from "@/protocol/generated/RowVerdict";
import { useServer } from "@/session";
import { Only } from "@/session/Only";
import { useErrorSentence } from "@/session/sentence";
import { may, useMe } from "@/session/useMe";
import { applyImport, cancelImport, faultsFile, importQuery } from "./api";
import { Columns } from "./Columns";
import classes from "./Import.module.css";
import { FileKey } from "./Imports";
import { Rows } from "./Rows";

/** A list of people that came as a file: what it would change, and how far that is written. */
export function ImportPage() {
	const { t } = useTranslation();
	const me = useMe();
	return (
		<Only
			may={may(me, "manage_people")}
			title={t("peopleImport.title")}
			refusal={t("people.notYours")}
			whose={t("people.whoMay")}
		>
			<OfAddress />
		</Only>
	);
}

function OfAddress() {
	const { t } = useTranslation();
	const { import: id } = useParams({
		from: "/known/shell/people/imports/$import",
	});
	const query = useQuery(importQuery(useServer(), id));
	return (
		<Loaded
			query={query}
			what={t("peopleImport.oneWhat")}
			frame={(waiting) => (
				<Page title={t("peopleImport.title")}>
					<Card>{waiting}</Card>
				</Page>
			)}
			wayOut={
				<ButtonLink to="/people/imports">{t("peopleImport.title")}</ButtonLink>
			}
		>
			{(one) => <Found one={one} />}
		</Loaded>
	);
}

function Found({ one }: { one: PeopleImport }) {
	const { t } = useTranslation();
	const queryClient = useQueryClient();
	const server = useServer();
	const [corrects, setCorrects] = useState(false);
	const told = (answer: PeopleImport) => {
		queryClient.setQueryData(importQuery(server, one.id).queryKey, answer);
	};
	const known = one.columns.filter(({ column }) => column !== null).length;
	const isReady = one.state === "ready" || one.state === "reading";
	return (
		<Page
			title={t(isReady ? "peopleImport.readyTitle" : "peopleImport.runTitle")}
			lead={
				<>
					<b>{one.file_name}</b>
					{one.sheet && `, ${t("peopleImport.sheet", { sheet: one.sheet })}`},{" "}
					{t("peopleImport.headerRow", { row: one.header_row })},{" "}
					{t("peopleImport.rows", { count: one.rows })}
				</>
			}
			aside={
				<>
					{one.may.includes("correct_import") && (
						<Button
							aria-expanded={corrects}
							onClick={() => setCorrects(!corrects)}
						>
							{t("peopleImport.columns")}: {known}/{one.columns.length}
						</Button>
					)}
					<FileKey look="default" label={t("peopleImport.chooseOther")} />
				</>
			}
		>
			<Summary one={one} />
			<Columns
				one={one}
				opened={corrects}
				onTold={(answer) => {
					setCorrects(false);
					told(answer);
				}}
			/>
			<Lists one={one} />
			<Foot one={one} onTold={told} />
		</Page>
	);
}

const verdicts: RowVerdict[] = ["new", "changed", "same", "refused"];

function Summary({ one }: { one: PeopleImport }) {
	const { t } = useTranslation();
	return (
		<Card className={classes.summary}>
			<dl aria-label={t("peopleImport.summary")}>
				{verdicts.map((verdict) => (
					<div
						key={verdict}
						data-bad={(verdict === "refused" && one.refused > 0) || undefined}
					>
						<dt>
							{verdict === "refused" && one.refused > 0 && (
								<ToneIcon tone="bad" />
							)}
							{t(`peopleImport.verdict.${verdict}`)}
							<small>{t(`peopleImport.will.${verdict}`)}</small>
						</dt>
						<dd className="fig">{one[verdict]}</dd>
					</div>
				))}
			</dl>
		</Card>
	);
}

/** The rows of one way to stand at a time; those that need somebody first. */
function Lists({ one }: { one: PeopleImport }) {
	const { t } = useTranslation();
	const count = (verdict: RowVerdict) =>
		one[verdict] + (verdict === "refused" ? one.refused_later : 0);
	const [chosen, setChosen] = useState<RowVerdict>(
		() =>
			(["refused", "changed", "new", "same"] as const).find(
				(verdict) => count(verdict) > 0,
			) ?? "new",
	);
	return (
		<>
			<div className={classes.choice}>
				<Segmented
					label={t("peopleImport.rowsTitle")}
					hideLabel
					value={chosen}
					onChange={setChosen}
					options={verdicts.map((verdict) => ({
						value: verdict,
						label: `${t(`peopleImport.verdict.${verdict}`)} ${count(verdict)}`,
					}))}
				/>
				{count("refused") > 0 && (
					<Button component="a" href={faultsFile(one.id)} download>
						{t("peopleImport.faults")}
					</Button>
				)}
			</div>
			<Rows one={one} verdict={chosen} />
		</>
	);
}

/** What is not written, and the key that writes the rest. */
function Foot({
	one,
	onTold,
}: {
	one: PeopleImport;
	onTold: (answer: PeopleImport) => void;
}) {
	const { t } = useTranslation();
	const server = useServer();
	const sentence = useErrorSentence();
	const apply = useMutation({
		mutationFn: () => applyImport(server, one.id),
		onSuccess: onTold,
	});
	const stop = useMutation({
		mutationFn: () => cancelImport(server, one.id),
		onSuccess: onTold,
	});
	const all = one.new + one.changed;
	const waits = all - one.written - one.refused_later;
	const error = apply.error ?? stop.error;
	return (
		<div className={classes.foot}>
			<div className={classes.answer}>
				{one.state === "applying" ? (
					<>
						<ProgressBar
							label={t("peopleImport.state.applying")}
							percent={all === 0 ? 100 : (100 * one.written) / all}
						/>
						<p role="status">
							{t("peopleImport.progress", { written: one.written, all })}
							{!one.may.includes("cancel_import") &&
								`. ${t("peopleImport.stopping")}`}
						</p>
					</>
				) : (
					<p>
						<b>{t("peopleImport.nobodyDeleted")}</b>{" "}
						{one.written > 0 &&
							`${t("peopleImport.doneText", { written: one.written })} `}
						{one.refused_later > 0 &&
							`${t("peopleImport.later", { count: one.refused_later })} `}
						{one.refused > 0
							? t("peopleImport.notWritten", { count: one.refused })
							: t("peopleImport.allWritten")}
					</p>
				)}
				{error && <Banner tone="bad">{sentence(error)}</Banner>}
			</div>
			{one.may.includes("cancel_import") && (
				<Button loading={stop.isPending} onClick={() => stop.mutate()}>
					{t("peopleImport.stop")}
				</Button>
			)}
			{one.state !== "applying" && (
				<ButtonLink to="/people">{t("peopleImport.toPeople")}</ButtonLink>
			)}
			{one.may.includes("apply_import") && (
				<Button
					variant="filled"
					size="lg"
					loading={apply.isPending}
					onClick={() => apply.mutate()}
				>
					<span className={classes.write}>
						{one.state === "ready"
							? t("peopleImport.apply", { count: waits })
							: `${t("peopleImport.applyOn")}: ${t("peopleImport.rows", { count: waits })}`}
						{one.state === "ready" && (
							<small>
								{t("peopleImport.applyDetail", {
									new: one.new,
									changed: one.changed,
								})}
							</small>
						)}
					</span>
				</Button>
			)}
		</div>
	);
}
