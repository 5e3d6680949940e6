import { ActionIcon, Button, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { formatIsoDay, readIsoDay } from "@/format";
import { Banner, Loading } from "@/kit";
import { SmallKey } from "@/kit/SmallKey";

import type { UnitRow } from "@/protocol/generated/UnitRow";
import type { UnitStep } from "@/protocol/generated/UnitStep";
import { useErrorSentence, useServer } from "@/session";
import { createChange, previewChange, unitTreeQuery } from "../api";
import classes from "./Decision.module.css";
import {
	type Act,
	type Draft,
	emptyDraft,
	readDecision,
	readStep,
} from "./draft";
import { Effect } from "./Effect";
import { StepForm } from "./StepForm";
import { useStepSentence } from "./stepSentence";

/** A decision as it is written: its document, its steps, and beside them what it would move. */
export function Decision({
	act,
	unit,
	day,
	onClose,
	onWritten,
}: {
	/** The first step begins as this, */
	act: Act;
	/** at this unit. */
	unit: UnitRow | undefined;
	/** The day of the tree that was looked at. */
	day: string;
	onClose: () => void;
	onWritten: (day: string) => void;
}) {
	const { t } = useTranslation();
	const server = useServer();
	const queryClient = useQueryClient();
	const say = useErrorSentence();
	const [document, setDocument] = useState("");
	const [title, setTitle] = useState("");
	const [dayText, setDayText] = useState(formatIsoDay(day));
	const [done, setDone] = useState<UnitStep[]>([]);
	const [draft, setDraft] = useState<Draft>(() => emptyDraft(act, unit));

	const on = readIsoDay(dayText, server.nowUs());
	const tree = useQuery(unitTreeQuery(server, on ?? day));
	const units = useMemo(
		() =>
			(tree.data?.units ?? [])
				.filter(({ ended }) => !ended)
				.sort((a, b) => a.name.localeCompare(b.name, "vi")),
		[tree.data],
	);
	const step = readStep(draft);
	const head = { document, title, day: on ?? "" };
	const change = readDecision(head, done, step);
	// The count does not depend on what the paper is called, so it is there before that is filled in.
	const [asked] = useDebouncedValue(
		JSON.stringify({ ...change, document: "-", title: "-" }),
		500,
	);
	const previewed = on !== null && change.steps.length > 0;
	const preview = useQuery({
		queryKey: ["unit-changes", "preview", asked],
		queryFn: ({ signal }) => previewChange(server, JSON.parse(asked), signal),
		enabled: previewed && JSON.parse(asked).steps.length > 0,
		retry: false,
		gcTime: 0,
	});
	const write = useMutation({
		mutationFn: () => createChange(server, change),
		onSuccess: async (written) => {
			await queryClient.invalidateQueries({ queryKey: ["units"] });
			await queryClient.invalidateQueries({ queryKey: ["unit-changes"] });
			onWritten(written.day);
		},
	});
	const isCounted =
		preview.data !== undefined &&
		asked === JSON.stringify({ ...change, document: "-", title: "-" });
	const isWhole =
		document.trim() !== "" && title.trim() !== "" && isCounted && previewed;

	return (
		<section className={classes.decision} aria-label={t("decision.title")}>
			<div className={classes.head}>
				<h2>{t("decision.title")}</h2>
				<p>{t("decision.lead")}</p>
				<ActionIcon
					variant="subtle"
					size={44}
					color="gray"
					aria-label={t("units.close")}
					onClick={onClose}
				>
					<IconX size={22} aria-hidden="true" />
				</ActionIcon>
			</div>
			<div className={classes.columns}>
				<div className={classes.form}>
					<div className={classes.paper}>
						<TextInput
							label={t("decision.document")}
							placeholder="1678/NQ-UBTVQH15"
							value={document}
							onChange={(event) => setDocument(event.currentTarget.value)}
						/>
						<TextInput
							label={t("decision.day")}
							inputMode="numeric"
							value={dayText}
							error={on === null && t("units.badDay")}
							onChange={(event) => setDayText(event.currentTarget.value)}
						/>
						<TextInput
							className={classes.wide}
							label={t("decision.about")}
							value={title}
							onChange={(event) => setTitle(event.currentTarget.value)}
						/>
					</div>
					<Steps
						steps={done}
						onLeaveOut={(index) =>
							setDone(done.filter((_, other) => other !== index))
						}
					/>
					<StepForm draft={draft} units={units} onChange={setDraft} />
					<Button
						leftSection={<IconPlus size={18} aria-hidden="true" />}
						disabled={step === null || !isCounted}
						onClick={() => {
							if (step === null) return;
							setDone([...done, step]);
							setDraft(emptyDraft(draft.act, undefined));
						}}
					>
						{t("decision.another")}
					</Button>
				</div>
				<section
					className={classes.preview}
					aria-label={t("decision.preview")}
					aria-live="polite"
					// biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard.
					tabIndex={0}
				>
					<h3>{t("decision.preview")}</h3>
					{!previewed ? (
						<p className={classes.quiet}>{t("decision.nothingYet")}</p>
					) : preview.isError ? (
						<Banner tone="warn">{say(preview.error)}</Banner>
					) : preview.data === undefined ? (
						<Loading what={t("decision.previewWhat")} rows={5} />
					) : (
						<Effect effect={preview.data} day={on ?? day} />
					)}
				</section>
			</div>
			<div className={classes.foot}>
				<div>
					{write.isError ? (
						<Banner tone="bad">{say(write.error)}</Banner>
					) : (
						<p>
							{on !== null && tree.data !== undefined && on > tree.data.today
								? t("decision.willApply", { day: formatIsoDay(on) })
								: t("decision.appliesNow")}
						</p>
					)}
				</div>
				<Button onClick={onClose}>{t("decision.cancel")}</Button>
				<Button
					variant="filled"
					loading={write.isPending}
					disabled={!isWhole}
					onClick={() => write.mutate()}
				>
					{isCounted
						? t("decision.write", { count: preview.data.rows })
						: t("decision.writeUncounted")}
				</Button>
			</div>
		</section>
	);
}

/** The steps that are filled in already. */
function Steps({
	steps,
	onLeaveOut,
}: {
	steps: readonly UnitStep[];
	onLeaveOut: (index: number) => void;
}) {
	const { t } = useTranslation();
	const say = useStepSentence();
	if (steps.length === 0) return null;
	return (
		<ol className={classes.steps} aria-label={t("decision.steps")}>
			{steps.map((step, index) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: two steps may be alike, and their order is what they are.
				<li key={index}>
					<span>{say(step)}</span>
					<SmallKey
						look="icon"
						label={t("decision.leaveOut", { name: say(step) })}
						onPress={() => onLeaveOut(index)}
					>
						<IconX size={18} aria-hidden="true" />
					</SmallKey>
				</li>
			))}
		</ol>
	);
}
