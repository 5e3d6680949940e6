import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, Navigate, useRouter, useSearch } from "@tanstack/react-router";
import { type FormEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useDocumentTitle } from "@/kit";
import type { Me } from "@/protocol/generated/Me";
import type { SecondStep } from "@/protocol/generated/SecondStep";
import { meQuery, useErrorSentence, useServer } from "@/session";
import { firstDayQuery, isHalfway, signIn } from "../api";
import { Door } from "../Door";
import classes from "../Door.module.css";
import { SecondStepPage } from "../second-step";
import { ProviderKey } from "./ProviderKey";

/** Account and password; afterwards to the page that was asked for. */
export function SignIn() {
	const { t } = useTranslation();
	useDocumentTitle(t("signIn.title"));
	const server = useServer();
	const queryClient = useQueryClient();
	const router = useRouter();
	const { next } = useSearch({ from: "/sign-in" });
	const sentence = useErrorSentence();
	const [login, setLogin] = useState("");
	const [password, setPassword] = useState("");
	const [missing, setMissing] = useState(false);
	const passwordField = useRef<HTMLInputElement>(null);

	const { data: firstDay } = useQuery(firstDayQuery(server));

	const [step, setStep] = useState<SecondStep | null>(null);
	const enter = (me: Me) => {
		queryClient.clear();
		queryClient.setQueryData(meQuery(server).queryKey, me);
		router.history.push(next ?? "/");
	};
	const attempt = useMutation({
		mutationFn: () => signIn(server, login.trim(), password),
		onSuccess: (answer) => {
			if (isHalfway(answer)) setStep(answer);
			else enter(answer);
		},
		onError: () => passwordField.current?.select(),
	});

	const submit = (event: FormEvent) => {
		event.preventDefault();
		const incomplete = login.trim() === "" || password === "";
		setMissing(incomplete);
		if (!incomplete) attempt.mutate();
	};

	// Where nobody has an account, nobody can sign in.
	if (firstDay?.needed) return <Navigate to="/first-day" replace />;
	if (step !== null) {
		return (
			<SecondStepPage
				login={login.trim()}
				step={step}
				onDone={enter}
				onBack={() => {
					setStep(null);
					setPassword("");
				}}
			/>
		);
	}
	return (
		<Door>
			<form className={classes.form} onSubmit={submit} noValidate>
				<h1>{t("signIn.title")}</h1>
				<p>{t("signIn.lead")}</p>
				<TextInput
					size="lg"
					label={t("signIn.login")}
					value={login}
					onChange={(event) => setLogin(event.currentTarget.value)}
					autoComplete="username"
					autoCapitalize="none"
					spellCheck={false}
					autoFocus
					required
					withAsterisk={false}
					error={
						missing && login.trim() === "" ? t("signIn.loginMissing") : null
					}
				/>
				<PasswordInput
					size="lg"
					ref={passwordField}
					label={t("signIn.password")}
					value={password}
					onChange={(event) => setPassword(event.currentTarget.value)}
					autoComplete="current-password"
					required
					withAsterisk={false}
					// Mantine marks its other fields, but not this one.
					aria-invalid={
						attempt.isError || (missing && password === "") || undefined
					}
					visibilityToggleButtonProps={{
						"aria-label": t("signIn.showPassword"),
						tabIndex: 0,
					}}
					error={
						missing && password === ""
							? t("signIn.passwordMissing")
							: attempt.isError
								? sentence(attempt.error)
								: null
					}
				/>
				<Button
					type="submit"
					variant="filled"
					size="lg"
					fullWidth
					loading={attempt.isPending}
				>
					{t("signIn.submit")}
				</Button>
				<ProviderKey next={next} />
				<p className={classes.hint}>
					<Link to="/first">{t("signIn.bySlip")}</Link>
				</p>
				<p className={classes.hint}>{t("signIn.forgotten")}</p>
				<p className={classes.hint}>{t("signIn.byLink")}</p>
				<p className={classes.note}>
					{t("signIn.secret")} <a href="/ca.crt">{t("signIn.certificate")}</a>
				</p>
			</form>
		</Door>
	);
}
