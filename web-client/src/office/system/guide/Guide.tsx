import { Button } from "@mantine/core";
import { IconCircleCheckFilled, IconDownload } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { formatInteger } from "@/format";
import { Banner, ButtonLink, Card, Loaded, Page, Status } from "@/kit";
import type { Guide as State } from "@/protocol/generated/Guide";
import type { GuideChange } from "@/protocol/generated/GuideChange";
import type { GuideStanding } from "@/protocol/generated/GuideStanding";
import type { GuideStep } from "@/protocol/generated/GuideStep";
import { guideQuery, useErrorSentence, useServer } from "@/session";
import { Only } from "@/session/Only";
import { may, useMe } from "@/session/useMe";
import { decideGuide, tryCall } from "../api";
import classes from "./Guide.module.css";
import { unitTemplate } from "./unitTemplate";

/** The guide of the first days: what there is already, what is next, and where that is done. */
export function Guide() {
	const { t } = useTranslation();
	const me = useMe();
	return (
		<Only
			may={may(me, "open_system")}
			title={t("guide.title")}
			refusal={t("system.notYours")}
			whose={t("system.whoMay")}
		>
			<Asked />
		</Only>
	);
}

function Asked() {
	const { t } = useTranslation();
	const query = useQuery(guideQuery(useServer()));
	return (
		<Loaded
			query={query}
			what={t("guide.whatLoads")}
			rows={5}
			frame={(waiting) => (
				<Page title={t("guide.title")}>
					<Card>{waiting}</Card>
				</Page>
			)}
		>
			{(guide) => <Steps guide={guide} />}
		</Loaded>
	);
}

function Steps({ guide }: { guide: State }) {
	const { t } = useTranslation();
	const server = useServer();
	const queryClient = useQueryClient();
	const navigate = useNavigate();
	const sentence = useErrorSentence();
	const decide = useMutation({
		mutationFn: (change: GuideChange) => decideGuide(server, change),
		onSuccess: (told) =>
			queryClient.setQueryData(guideQuery(server).queryKey, told),
	});
	const skipped = guide.steps
		.filter((one) => one.is_skipped)
		.map(({ step }) => step);
	const set = (change: Partial<GuideChange>) =>
		decide.mutateAsync({ skipped, is_closed: guide.is_closed, ...change });
	const skip = (step: GuideStep, isSkipped: boolean) =>
		void set({
			skipped: isSkipped
				? [...skipped, step]
				: skipped.filter((other) => other !== step),
		});
	const done = guide.steps.filter((one) => one.is_done).length;
	const next = guide.steps.find((one) => !one.is_done && !one.is_skipped);
	const points = guide.steps.find(({ step }) => step === "points");
	return (
		<Page
			title={t("guide.title")}
			lead={t("guide.lead")}
			aside={
				<>
					<p className={classes.done}>
						{t("guide.done", { done, count: guide.steps.length })}
					</p>
					{guide.is_closed ? (
						<Button onClick={() => void set({ is_closed: false })}>
							{t("guide.open")}
						</Button>
					) : (
						next !== undefined && (
							<Button
								onClick={() =>
									void set({ is_closed: true }).then(() =>
										navigate({ to: "/" }),
									)
								}
							>
								{t("guide.close")}
							</Button>
						)
					)}
				</>
			}
		>
			{decide.error !== null && (
				<Banner tone="bad">{sentence(decide.error)}</Banner>
			)}
			{guide.is_closed && <Banner tone="info">{t("guide.closed")}</Banner>}
			{!guide.is_closed && next === undefined && (
				<Banner tone="ok">{t("guide.finished")}</Banner>
			)}
			<Card className={classes.card}>
				<ol className={classes.steps} aria-label={t("guide.steps")}>
					{guide.steps.map((standing, index) => (
						<Step
							key={standing.step}
							number={index + 1}
							standing={standing}
							isNext={standing === next}
							onSkip={(isSkipped) => skip(standing.step, isSkipped)}
						>
							<Keys
								step={standing.step}
								canCall={points?.is_done ?? false}
								isNext={standing === next}
							/>
						</Step>
					))}
				</ol>
			</Card>
		</Page>
	);
}

/** One step: its number, what it is for, how it stands by what there is, and its keys. */
function Step({
	number,
	standing: { step, count, is_done, is_skipped },
	isNext,
	onSkip,
	children,
}: {
	number: number;
	standing: GuideStanding;
	isNext: boolean;
	onSkip: (isSkipped: boolean) => void;
	children: ReactNode;
}) {
	const { t } = useTranslation();
	const state = is_done ? "done" : is_skipped ? "skipped" : "open";
	return (
		<li data-state={state} aria-current={isNext ? "step" : undefined}>
			<span className={classes.number} aria-hidden="true">
				{is_done ? <IconCircleCheckFilled size={26} /> : number}
			</span>
			<div className={classes.what}>
				<h2>{t(`guide.name.${step}`)}</h2>
				<p>{t(`guide.meaning.${step}`)}</p>
			</div>
			<div className={classes.standing}>
				<Status tone={is_done ? "ok" : "none"}>
					{is_done
						? t(`guide.there.${step}`, { count, number: formatInteger(count) })
						: step === "points" && count === 1
							? t("guide.onePoint")
							: t(`guide.none.${step}`)}
					{is_skipped && !is_done && `, ${t("guide.skipped")}`}
				</Status>
			</div>
			<div className={classes.keys}>
				{children}
				{!is_done && (
					<Button
						variant="subtle"
						onClick={() => onSkip(!is_skipped)}
						aria-label={`${t(is_skipped ? "guide.unskip" : "guide.skip")}: ${t(`guide.name.${step}`)}`}
					>
						{t(is_skipped ? "guide.unskip" : "guide.skip")}
					</Button>
				)}
			</div>
			{isNext && (
				<p className={classes.hint}>
					{t(step === "test_call" ? "guide.callHow" : `guide.hint.${step}`)}
				</p>
			)}
		</li>
	);
}

/** Where a step is done, and what is filled in for it. */
function Keys({
	step,
	canCall,
	isNext,
}: {
	step: GuideStep;
	canCall: boolean;
	isNext: boolean;
}) {
	const { t } = useTranslation();
	const variant = isNext ? "filled" : "default";
	switch (step) {
		case "units":
			return (
				<>
					<Template href={unitTemplate} name="mau-don-vi.csv" />
					<ButtonLink to="/units">{t("guide.unitsOther")}</ButtonLink>
					<ButtonLink to="/units/import" variant={variant}>
						{t("guide.unitsKey")}
					</ButtonLink>
				</>
			);
		case "points":
			return (
				<ButtonLink to="/points" variant={variant}>
					{t("guide.pointsKey")}
				</ButtonLink>
			);
		case "people":
			return (
				<>
					<Template href="/api/v1/people-imports/template" />
					<ButtonLink to="/people/new">{t("guide.peopleOther")}</ButtonLink>
					<ButtonLink to="/people/imports" variant={variant}>
						{t("guide.peopleKey")}
					</ButtonLink>
				</>
			);
		case "accounts":
			return (
				<ButtonLink to="/accounts" variant={variant}>
					{t("guide.accountsKey")}
				</ButtonLink>
			);
		case "test_call":
			return <Call canCall={canCall} variant={variant} />;
	}
}

function Template({ href, name }: { href: string; name?: string }) {
	const { t } = useTranslation();
	return (
		<Button
			component="a"
			href={href}
			download={name ?? true}
			leftSection={<IconDownload size={20} stroke={1.9} aria-hidden />}
		>
			{t("guide.template")}
		</Button>
	);
}

/** Plans a session for now and goes to its page, where its links and its room are. */
function Call({ canCall, variant }: { canCall: boolean; variant: string }) {
	const { t } = useTranslation();
	const server = useServer();
	const navigate = useNavigate();
	const sentence = useErrorSentence();
	const call = useMutation({
		mutationFn: () => tryCall(server, t("guide.callTitle")),
		onSuccess: ({ code }) => navigate({ to: "/s/$code", params: { code } }),
	});
	return (
		<>
			<Button
				variant={variant}
				disabled={!canCall}
				loading={call.isPending}
				onClick={() => call.mutate()}
			>
				{t("guide.callKey")}
			</Button>
			{!canCall && (
				<span className={classes.needs}>{t("guide.callNeeds")}</span>
			)}
			{call.error !== null && (
				<span role="alert" className={classes.needs}>
					{sentence(call.error)}
				</span>
			)}
		</>
	);
}
