import { Button, Checkbox, NativeSelect, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useApi } from "@/api";
import { useMe } from "@/app/useMe";
import type { Secrecy } from "@/protocol/generated/Secrecy";
import type { SessionKind } from "@/protocol/generated/SessionKind";
import { Banner, ButtonLink, Card, Page, Segmented } from "@/ui";
import { Conflict } from "./Conflict";
import {
	convenedUnits,
	type Draft,
	emptyDraft,
	problemsOf,
	readDraft,
} from "./draft";
import classes from "./NewSession.module.css";
import { PointsPicker } from "./PointsPicker";
import { When } from "./When";

const kinds: SessionKind[] = [
	"meeting",
	"conference",
	"seminar",
	"training",
	"class_observation",
];
const secrecies: Secrecy[] = ["normal", "internal", "secret"];

/** Plans a session: what, when, which points, how secret, whether recorded. */
export function NewSession() {
	const { t } = useTranslation();
	const me = useMe();
	const api = useApi();
	const navigate = useNavigate();
	const queryClient = useQueryClient();
	const [draft, setDraft] = useState(() => emptyDraft(Date.now() * 1_000, me));
	const [tried, setTried] = useState(false);
	const form = useRef<HTMLFormElement>(null);
	const change = (part: Partial<Draft>) =>
		setDraft((previous) => ({ ...previous, ...part }));

	const create = useMutation({
		mutationFn: () => api.createSession(readDraft(draft, Date.now() * 1_000)),
		onSuccess: async (session) => {
			await queryClient.invalidateQueries({ queryKey: ["sessions"] });
			await navigate({ to: "/s/$code", params: { code: session.code } });
		},
	});

	const problems = problemsOf(draft, Date.now() * 1_000);
	const shown = tried ? problems : {};
	const refused = draft.secrecy === "secret";

	const submit = (event: FormEvent) => {
		event.preventDefault();
		setTried(true);
		if (refused) return;
		if (Object.keys(problems).length > 0) {
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

	const units = convenedUnits(me);

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
					<TextInput
						label={t("create.name")}
						value={draft.title}
						maxLength={200}
						onChange={(event) => change({ title: event.currentTarget.value })}
						error={shown.title && t(`create.problem.${shown.title}`)}
						autoFocus
					/>
					<Segmented
						label={t("create.kind")}
						value={draft.kind}
						onChange={(kind) => change({ kind })}
						options={kinds.map((kind) => ({
							value: kind,
							label: t(`kind.${kind}`),
						}))}
					/>
					<When draft={draft} onChange={change} problems={shown} />
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
							change({ autoRecord: event.currentTarget.checked })
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
					problem={shown.points && t(`create.problem.${shown.points}`)}
				/>
				<div className={classes.foot}>
					<div className={classes.answer}>
						{create.isError && <Conflict error={create.error} />}
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
