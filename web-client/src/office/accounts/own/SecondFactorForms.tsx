import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Banner } from "@/kit";
import { ApiError, useErrorSentence, useServer } from "@/session";
import {
	newRecoveryCodes,
	newSecret,
	turnOff,
} from "@/shared/second-factor/api";
import { CodeField, sixDigits } from "@/shared/second-factor/CodeField";
import classes from "./OwnAccount.module.css";

/** The sentence of a refusal that stands beside the field of these codes. */
function useFieldError(error: unknown) {
	const sentence = useErrorSentence();
	const code = error instanceof ApiError ? error.code : null;
	return {
		of: (...codes: string[]) =>
			code !== null && codes.includes(code) ? sentence(error) : null,
		besides: (...codes: string[]) =>
			error !== null && (code === null || !codes.includes(code)) ? (
				<Banner tone="bad">{sentence(error)}</Banner>
			) : null,
	};
}

const ofPassword = "wrong_present_password";
const ofCode = ["wrong_second_code", "second_code_used", "phone_clock_off"];

function PresentPassword({
	value,
	error,
	onChange,
}: {
	value: string;
	error: string | null;
	onChange: (value: string) => void;
}) {
	const { t } = useTranslation();
	return (
		<PasswordInput
			size="md"
			label={t("secondFactor.own.password")}
			value={value}
			onChange={(event) => onChange(event.currentTarget.value)}
			autoComplete="current-password"
			required
			withAsterisk={false}
			aria-invalid={error !== null || undefined}
			error={error}
			visibilityToggleButtonProps={{
				"aria-label": t("ownAccount.show"),
				tabIndex: 0,
			}}
		/>
	);
}

/** Asks for the password, where it is wanted, and makes a secret. */
export function PasswordStep({
	replaces,
	asks,
	onDone,
	onCancel,
}: {
	/** Whether there is a secret that works. */
	replaces: boolean;
	asks: boolean;
	onDone: (secret: string) => void;
	onCancel: () => void;
}) {
	const { t } = useTranslation();
	const server = useServer();
	const [password, setPassword] = useState("");
	const [looked, setLooked] = useState(false);
	const make = useMutation({
		mutationFn: () => newSecret(server, asks ? password : undefined),
		onSuccess: onDone,
	});
	const error = useFieldError(make.error);
	const submit = (event: FormEvent) => {
		event.preventDefault();
		setLooked(true);
		if (!asks || password !== "") make.mutate();
	};
	return (
		<form className={classes.form} onSubmit={submit} noValidate>
			{replaces && (
				<p className={classes.hint}>{t("secondFactor.own.replaceText")}</p>
			)}
			{asks && (
				<PresentPassword
					value={password}
					onChange={setPassword}
					error={
						looked && password === ""
							? t("secondFactor.own.passwordMissing")
							: error.of(ofPassword)
					}
				/>
			)}
			{error.besides(ofPassword)}
			<Keys
				does={t("secondFactor.own.next")}
				busy={make.isPending}
				onCancel={onCancel}
			/>
		</form>
	);
}

/** Makes new recovery codes, by a code of the application. */
export function RenewCodes({
	onDone,
	onCancel,
}: {
	onDone: (codes: string[]) => void;
	onCancel: () => void;
}) {
	const { t } = useTranslation();
	const server = useServer();
	const [code, setCode] = useState("");
	const [looked, setLooked] = useState(false);
	const digits = sixDigits(code);
	const renew = useMutation({
		mutationFn: (digits: string) => newRecoveryCodes(server, digits),
		onSuccess: onDone,
	});
	const error = useFieldError(renew.error);
	const submit = (event: FormEvent) => {
		event.preventDefault();
		setLooked(true);
		if (digits !== null) renew.mutate(digits);
	};
	return (
		<form className={classes.form} onSubmit={submit} noValidate>
			<p className={classes.hint}>{t("secondFactor.own.codesText")}</p>
			<CodeField
				label={t("secondFactor.code")}
				value={code}
				onChange={setCode}
				autoFocus
				error={
					looked && digits === null
						? t("secondFactor.codeShape")
						: error.of(...ofCode)
				}
			/>
			{error.besides(...ofCode)}
			<Keys
				does={t("secondFactor.own.codes")}
				busy={renew.isPending}
				onCancel={onCancel}
			/>
		</form>
	);
}

/** Turns the second factor off, by the password and a code. */
export function TurnOff({
	asksPassword,
	onDone,
	onCancel,
}: {
	asksPassword: boolean;
	onDone: () => void;
	onCancel: () => void;
}) {
	const { t } = useTranslation();
	const server = useServer();
	const [password, setPassword] = useState("");
	const [code, setCode] = useState("");
	const [looked, setLooked] = useState(false);
	const end = useMutation({
		mutationFn: () =>
			turnOff(server, asksPassword ? password : undefined, code),
		onSuccess: onDone,
	});
	const error = useFieldError(end.error);
	const submit = (event: FormEvent) => {
		event.preventDefault();
		setLooked(true);
		if ((!asksPassword || password !== "") && code.trim() !== "") end.mutate();
	};
	return (
		<form
			className={classes.form}
			aria-label={t("secondFactor.own.endTitle")}
			onSubmit={submit}
			noValidate
		>
			<p className={classes.hint}>{t("secondFactor.own.endText")}</p>
			{asksPassword && (
				<PresentPassword
					value={password}
					onChange={setPassword}
					error={
						looked && password === ""
							? t("secondFactor.own.passwordMissing")
							: error.of(ofPassword)
					}
				/>
			)}
			<TextInput
				size="md"
				label={t("secondFactor.own.endCode")}
				value={code}
				onChange={(event) => setCode(event.currentTarget.value)}
				autoComplete="one-time-code"
				spellCheck={false}
				required
				withAsterisk={false}
				error={
					looked && code.trim() === ""
						? t("secondFactor.own.endCodeMissing")
						: error.of(...ofCode)
				}
			/>
			{error.besides(ofPassword, ...ofCode)}
			<Keys
				does={t("secondFactor.own.endTitle")}
				busy={end.isPending}
				onCancel={onCancel}
			/>
		</form>
	);
}

function Keys({
	does,
	busy,
	onCancel,
}: {
	does: string;
	busy: boolean;
	onCancel: () => void;
}) {
	const { t } = useTranslation();
	return (
		<div className={classes.keys}>
			<Button type="submit" variant="filled" loading={busy}>
				{does}
			</Button>
			<Button onClick={onCancel}>{t("secondFactor.own.cancel")}</Button>
		</div>
	);
}
