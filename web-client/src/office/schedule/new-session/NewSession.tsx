import { Button, Checkbox, NativeSelect, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { countCharacters } from "@/format";
import { Banner, ButtonLink, Card, Page, Segmented } from "@/kit";
import type { Preset } from "@/protocol/generated/Preset";
import type { Secrecy } from "@/protocol/generated/Secrecy";
import type { SessionDefaults } from "@/protocol/generated/SessionDefaults";
import { useServer } from "@/session";
import { Only } from "@/session/Only";
import { may, useMe } from "@/session/useMe";
import { useNow } from "@/session/useNow";
import { createSession, sessionDefaultsQuery } from "../api";
import { allKinds } from "../kinds";
import { OfficersPicker } from "../officers/OfficersPicker";
import { Conflict } from "./Conflict";
import {
	changeKind,
	type Draft,
	emptyDraft,
	maxTitle,
	moveTo,
	problemsOf,
	readDraft,
	usual,
} from "./draft";
import { forgetDraft, keepDraft, keptDraft } from "./keptDraft";
import classes from "./NewSession.module.css";
import { PointsPicker } from "./PointsPicker";
import { When } from "./When";

const presets: Preset[] = ["discussion", "training", "conference"];
const secrecies: Secrecy[] = ["normal", "internal", "secret"];

/** Plans a session; whoever may not is told who may, and gets no form. */
export function NewSession() {
	const { t } = useTranslation();
	const me = useMe();
	return (
		<Only
			may={may(me, "plan_sessions")}
			title={t("create.title")}
			refusal={t("create.notYours")}
			whose={t("create.whoMay")}
		>
			<Asked />
		</Only>
	);
}

/** Begins as the department says; where it cannot be asked, as usual. */
function Asked() {
	const { data, isPending } = useQuery(sessionDefaultsQuery(useServer()));
	return isPending ? null : <Plan defaults={data ?? usual} />;
}

/** What, when, which points, how secret, whether recorded. */
function Plan({ defaults }: { defaults: SessionDefaults }) {
	const { t } = useTranslation();
	const me = useMe();
	const server = useServer();
	const navigate = useNavigate();
	const queryClient = useQueryClient();
	const now = useNow(10_000);
	const [empty] = useState(() => emptyDraft(server.nowUs(), me, defaults));
	const [kept] = useState(() => keptDraft(me, empty));
	const [draft, setDraft] = useState(kept ?? empty);
	const [goesOn, setGoesOn] = useState(kept !== null);
	const [tried, setTried] = useState(false);
	const form = useRef<HTMLFormElement>(null);

	const create = useMutation({
		mutationFn: () => createSession(server, readDraft(draft, server.nowUs())),
		onSuccess: async (session) => {
			forgetDraft();
			await queryClient.invalidateQueries({ queryKey: ["sessions"] });
			await navigate({ to: "/s/$code", params: { code: session.code } });
		},
	});
	// Where the keys do not stay in sight, the answer comes below the edge of the window.
	const foot = useRef<HTMLDivElement>(null);
	useEffect(() => {
		if (create.isError) foot.current?.scrollIntoView({ block: "nearest" });
	}, [create.isError]);
	const change = (part: Partial<Draft>) => {
		const changed = { ...draft, ...part };
		setDraft(changed);
		keepDraft(me, changed);
		// What was refused was another plan.
		if (create.isError) create.reset();
	};

	const problems = problemsOf(draft, now);
	const titleLength = countCharacters(draft.title.trim());
	const shown = tried ? problems : { title: problems.title };
	const titleProblem =
		shown.title === "titleLong"
			? t("create.problem.titleLong", { limit: maxTitle, count: titleLength })
			: tried && shown.title && t(`create.problem.${shown.title}`);
	const refused = draft.secrecy === "secret";

	const submit = (event: FormEvent) => {
		event.preventDefault();
		setTried(true);
		if (refused) return;
		if (Object.values(problems).some((problem) => problem !== undefined)) {
			// After React has marked the fields, go to the first marked one.
			requestAnimationFrame(() =>
				form.current
					?.querySelector<HTMLElement>('[aria-invalid="true"]')
					?.focus(),
			);
			return;
		}
		create.mutate();
	};

	const units = me.convenes_for;

	return (
		<Page title={t("create.title")} lead={t("create.lead")}>
			<form
				ref={form}
				className={classes.form}
				onSubmit={submit}
				noValidate
				aria-label={t("create.title")}
			>
				<Card className={classes.fields}>
					{goesOn && (
						<Banner
							tone="info"
							action={
								<Button
									size="sm"
									onClick={() => {
										forgetDraft();
										setDraft(emptyDraft(server.nowUs(), me, defaults));
										setGoesOn(false);
										setTried(false);
										create.reset();
									}}
								>
									{t("create.anew")}
								</Button>
							}
						>
							{t("create.goesOn")}
						</Banner>
					)}
					<TextInput
						label={t("create.name")}
						value={draft.title}
						onChange={(event) => change({ title: event.currentTarget.value })}
						error={titleProblem}
						description={
							titleLength > maxTitle / 2
								? t("create.titleLength", {
										count: titleLength,
										limit: maxTitle,
									})
								: undefined
						}
						inputWrapperOrder={["label", "input", "description", "error"]}
						autoFocus
					/>
					<Segmented
						label={t("create.kind")}
						value={draft.kind}
						onChange={(kind) =>
							change(changeKind(draft, kind, defaults.auto_record))
						}
						options={allKinds.map((kind) => ({
							value: kind,
							label: t(`kind.${kind}`),
						}))}
						hint={t(`create.kindHint.${draft.kind}`)}
					/>
					<Segmented
						label={t("create.preset")}
						value={draft.preset}
						onChange={(preset) => change({ preset, presetChosen: true })}
						options={presets.map((preset) => ({
							value: preset,
							label: t(`create.presets.${preset}`),
						}))}
						hint={t(`create.presetHint.${draft.preset}`)}
					/>
					<When draft={draft} now={now} onChange={change} problems={shown} />
					{units.length > 1 && (
						<NativeSelect
							size="md"
							label={t("create.unit")}
							value={draft.conveningUnit}
							onChange={(event) =>
								change({ conveningUnit: event.currentTarget.value })
							}
							data={units.map(({ code, name }) => ({
								value: code,
								label: name,
							}))}
						/>
					)}
					<OfficersPicker
						of={{ unit: draft.conveningUnit }}
						chosen={draft.officers}
						onChange={(officers) => change({ officers })}
					/>
					<p className={classes.hint}>{t("officers.chairHint")}</p>
					<Segmented
						label={t("create.secrecy")}
						value={draft.secrecy}
						onChange={(secrecy) => change({ secrecy })}
						options={secrecies.map((secrecy) => ({
							value: secrecy,
							label: t(`create.secrecies.${secrecy}`),
						}))}
						hint={
							draft.secrecy === "secret"
								? undefined
								: t(`create.secrecyHint.${draft.secrecy}`)
						}
					/>
					{refused && <Banner tone="bad">{t("problem.secret_refused")}</Banner>}
					<Checkbox
						label={t("create.autoRecord")}
						description={t("create.autoRecordHint")}
						checked={draft.autoRecord}
						onChange={(event) =>
							change({
								autoRecord: event.currentTarget.checked,
								autoRecordChosen: true,
							})
						}
					/>
					{draft.secrecy === "normal" && (
						<Checkbox
							label={t("create.guestsMayReplay")}
							description={t("create.guestsMayReplayHint")}
							checked={draft.guestsMayReplay}
							onChange={(event) =>
								change({ guestsMayReplay: event.currentTarget.checked })
							}
						/>
					)}
				</Card>
				<PointsPicker
					selected={draft.points}
					onChange={(points) => change({ points })}
					problem={
						"points" in shown && shown.points
							? t(`create.problem.${shown.points}`)
							: undefined
					}
				/>
				<div ref={foot} className={classes.foot}>
					<div className={classes.answer}>
						{create.isError && (
							<Conflict
								error={create.error}
								now={now}
								onMove={(start) => change(moveTo(draft, start, server.nowUs()))}
							/>
						)}
					</div>
					<ButtonLink to="/">{t("create.cancel")}</ButtonLink>
					<Button
						type="submit"
						variant="filled"
						loading={create.isPending}
						aria-disabled={refused || undefined}
						data-disabled={refused || undefined}
					>
						{t("create.submit")}
					</Button>
				</div>
			</form>
		</Page>
	);
}
