import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useLocation, useRouter } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { LanguageSwitch } from "@/i18n/LanguageSwitch";
import { Banner, useDocumentTitle } from "@/kit";
import { ApiError, meQuery, useErrorSentence, useServer } from "@/session";
import { signInWithCode } from "../api";
import classes from "../Door.module.css";
import { Welcome } from "../Welcome";

/** A code as it can be: two groups of four, however they are typed. */
const codeShape = /^[2-9A-HJ-NP-Z]{8}$/;

/**
 * The first sign-in: account, one-time code, and the password that is chosen. A slip's QR code fills in the first two by what
 * stands behind the number sign of the address; only the press spends the code.
 */
export function FirstSignIn() {
	const { t } = useTranslation();
	useDocumentTitle(t("firstSignIn.title"));
	const server = useServer();
	const queryClient = useQueryClient();
	const router = useRouter();
	const sentence = useErrorSentence();
	const slip = new URLSearchParams(useLocation({ select: ({ hash }) => hash }));
	const [login, setLogin] = useState(slip.get("login") ?? "");
	const [code, setCode] = useState(slip.get("code") ?? "");
	const [wanted, setWanted] = useState("");
	const [again, setAgain] = useState("");
	const [looked, setLooked] = useState(false);

	const attempt = useMutation({
		mutationFn: () => signInWithCode(server, login.trim(), code, wanted),
		onSuccess: (me) => {
			queryClient.clear();
			queryClient.setQueryData(meQuery(server).queryKey, me);
			router.history.replace("/");
		},
	});
	const refused = attempt.error instanceof ApiError ? attempt.error.code : null;
	const plain = code.replaceAll(/[\s-]/g, "").toUpperCase();
	const ready =
		login.trim() !== "" &&
		codeShape.test(plain) &&
		wanted !== "" &&
		again === wanted;
	const submit = (event: FormEvent) => {
		event.preventDefault();
		setLooked(true);
		if (ready) attempt.mutate();
	};
	const secret = {
		size: "lg",
		autoComplete: "new-password",
		required: true,
		withAsterisk: false,
		visibilityToggleButtonProps: {
			"aria-label": t("signIn.showPassword"),
			tabIndex: 0,
		},
	} as const;
	return (
		<div className={classes.login}>
			<Welcome />
			<main className={classes.side}>
				<div className={classes.language}>
					<LanguageSwitch />
				</div>
				<form className={classes.form} onSubmit={submit} noValidate>
					<h1>{t("firstSignIn.title")}</h1>
					<p>{t("firstSignIn.lead")}</p>
					<TextInput
						size="lg"
						label={t("signIn.login")}
						value={login}
						onChange={(event) => setLogin(event.currentTarget.value)}
						autoComplete="username"
						autoCapitalize="none"
						spellCheck={false}
						required
						withAsterisk={false}
						error={
							looked && login.trim() === "" ? t("signIn.loginMissing") : null
						}
					/>
					<TextInput
						size="lg"
						label={t("firstSignIn.code")}
						value={code}
						onChange={(event) => setCode(event.currentTarget.value)}
						autoComplete="one-time-code"
						autoCapitalize="characters"
						spellCheck={false}
						required
						withAsterisk={false}
						error={
							looked && plain === ""
								? t("firstSignIn.codeMissing")
								: looked && !codeShape.test(plain)
									? t("firstSignIn.codeShape")
									: refused === "wrong_code"
										? sentence(attempt.error)
										: null
						}
					/>
					<PasswordInput
						{...secret}
						label={t("firstSignIn.wanted")}
						description={t("firstSignIn.rule")}
						value={wanted}
						onChange={(event) => setWanted(event.currentTarget.value)}
						aria-invalid={refused === "bad_password" || undefined}
						error={
							looked && wanted === ""
								? t("firstSignIn.wantedMissing")
								: refused === "bad_password"
									? sentence(attempt.error)
									: null
						}
					/>
					<PasswordInput
						{...secret}
						label={t("firstSignIn.again")}
						value={again}
						onChange={(event) => setAgain(event.currentTarget.value)}
						aria-invalid={(looked && again !== wanted) || undefined}
						error={
							looked && wanted !== "" && again !== wanted
								? t("firstSignIn.differ")
								: null
						}
					/>
					{attempt.isError &&
						refused !== "wrong_code" &&
						refused !== "bad_password" && (
							<Banner tone="bad">{sentence(attempt.error)}</Banner>
						)}
					<Button
						type="submit"
						variant="filled"
						size="lg"
						fullWidth
						loading={attempt.isPending}
					>
						{t("firstSignIn.submit")}
					</Button>
					<p className={classes.hint}>{t("firstSignIn.once")}</p>
					<p className={classes.hint}>
						<Link to="/sign-in">{t("firstSignIn.known")}</Link>
					</p>
				</form>
			</main>
		</div>
	);
}
