import { Button, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Banner, useDocumentTitle } from "@/kit";
import type { Me } from "@/protocol/generated/Me";
import type { SecondStep } from "@/protocol/generated/SecondStep";
import { ApiError, useErrorSentence, useServer } from "@/session";
import { CodeField, sixDigits } from "@/shared/second-factor/CodeField";
import { takeSecondStep } from "../api";
import classes from "../Door.module.css";

/** A recovery code as it can be: three groups of four, however they are typed. */
const recoveryShape = /^[2-9A-HJ-NP-Z]{12}$/;

/** The second step at the door: six digits of an application, or a recovery code. */
export function SecondStepForm({
	login,
	step,
	onDone,
	onBack,
}: {
	/** Whose account; none after a provider, which does not say. */
	login?: string;
	/** What the first step gave. */
	step: SecondStep;
	onDone: (me: Me) => void;
	/** To the first step again. */
	onBack: () => void;
}) {
	const { t } = useTranslation();
	useDocumentTitle(t("secondStep.title"));
	const server = useServer();
	const sentence = useErrorSentence();
	const [code, setCode] = useState("");
	const [recovers, setRecovers] = useState(false);
	const [looked, setLooked] = useState(false);
	const plain = code.replaceAll(/[\s-]/g, "").toUpperCase();
	const ready = recovers ? recoveryShape.test(plain) : sixDigits(code) !== null;
	const attempt = useMutation({
		mutationFn: () => takeSecondStep(server, step.challenge, code),
		// How many recovery codes are left is read first.
		onSuccess: ({ me, recovery_codes_left: left }) => {
			if (left === null) onDone(me);
		},
	});
	const submit = (event: FormEvent) => {
		event.preventDefault();
		setLooked(true);
		if (ready) attempt.mutate();
	};
	const turn = () => {
		setRecovers(!recovers);
		setCode("");
		setLooked(false);
		attempt.reset();
	};
	const done = attempt.data;
	if (done !== undefined && done.recovery_codes_left !== null) {
		return (
			<div className={classes.form}>
				<h1>{t("secondStep.recovered")}</h1>
				<Banner tone={done.recovery_codes_left > 3 ? "info" : "warn"}>
					{t("secondStep.left", { count: done.recovery_codes_left })}
				</Banner>
				<p>{t("secondStep.renew")}</p>
				<Button
					variant="filled"
					size="lg"
					fullWidth
					autoFocus
					onClick={() => onDone(done.me)}
				>
					{t("secondStep.goOn")}
				</Button>
			</div>
		);
	}
	const isOfCode =
		attempt.error instanceof ApiError && attempt.error.status === 422;
	const wrong = isOfCode ? sentence(attempt.error) : null;
	return (
		<form className={classes.form} onSubmit={submit} noValidate>
			<h1>{t("secondStep.title")}</h1>
			<p>
				{login !== undefined && t("secondStep.of", { login })}{" "}
				{t(recovers ? "secondStep.leadRecovery" : "secondStep.lead")}
			</p>
			{recovers ? (
				<TextInput
					key="recovery"
					size="lg"
					label={t("secondStep.recovery")}
					value={code}
					onChange={(event) => setCode(event.currentTarget.value)}
					autoComplete="off"
					autoCapitalize="characters"
					spellCheck={false}
					autoFocus
					required
					withAsterisk={false}
					error={looked && !ready ? t("secondStep.recoveryShape") : wrong}
				/>
			) : (
				<CodeField
					key="digits"
					label={t("secondStep.code")}
					value={code}
					onChange={setCode}
					autoFocus
					error={looked && !ready ? t("secondStep.codeShape") : wrong}
				/>
			)}
			{attempt.isError && !isOfCode && (
				<Banner tone="bad">{sentence(attempt.error)}</Banner>
			)}
			<Button
				type="submit"
				variant="filled"
				size="lg"
				fullWidth
				loading={attempt.isPending}
			>
				{t("secondStep.submit")}
			</Button>
			<Button variant="subtle" onClick={turn}>
				{t(recovers ? "secondStep.byPhone" : "secondStep.byRecovery")}
			</Button>
			<p className={classes.hint}>{t("secondStep.lost")}</p>
			<Button variant="subtle" onClick={onBack}>
				{t("secondStep.back")}
			</Button>
		</form>
	);
}
