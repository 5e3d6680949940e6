import { Button, Checkbox, PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useLocation, useRouter } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Banner, useDocumentTitle } from "@/kit";
import type { Me } from "@/protocol/generated/Me";
import type { SecondStep } from "@/protocol/generated/SecondStep";
import {
	ApiError,
	leaveFor,
	meQuery,
	useErrorSentence,
	useServer,
} from "@/session";
import { isHalfway, leaveToLink, providerQuery, signInWithCode } from "../api";
import { Door } from "../Door";
import classes from "../Door.module.css";
import { SecondStepPage } from "../second-step";

/** A code as it can be: two groups of four, however they are typed. */
const codeShape = /^[2-9A-HJ-NP-Z]{8}$/;

/**
 * The first sign-in: account, one-time code, and the password that is chosen. A slip's QR code fills in the first two by what
 * stands behind the number sign of the address; only the press spends the code. Where there is a provider of sign-ins, the account
 * can be linked with it at the end.
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
	const [links, setLinks] = useState(false);
	const { data: provider } = useQuery(providerQuery(server));

	const [step, setStep] = useState<SecondStep | null>(null);
	const enter = async (me: Me) => {
		// The account is there, whatever comes of the link: its own page says so, and has the key again.
		const page = links ? await leaveToLink(server).catch(() => null) : null;
		queryClient.clear();
		queryClient.setQueryData(meQuery(server).queryKey, me);
		if (page !== null) return leaveFor(page.address);
		router.history.replace(links ? "/account" : "/");
	};
	const attempt = useMutation({
		mutationFn: () => signInWithCode(server, login.trim(), code, wanted),
		onSuccess: async (answer) => {
			if (isHalfway(answer)) setStep(answer);
			else await enter(answer);
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
	if (step !== null) {
		return (
			<SecondStepPage
				login={login.trim()}
				step={step}
				onDone={(me) => void enter(me)}
				// The code is spent: from here on the password that was chosen counts.
				onBack={() => void router.navigate({ to: "/sign-in" })}
			/>
		);
	}
	return (
		<Door>
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
				{provider && (
					<Checkbox
						label={t("firstSignIn.linkToo")}
						description={t("firstSignIn.linkTooWhy", {
							provider: provider.name,
						})}
						checked={links}
						onChange={(event) => setLinks(event.currentTarget.checked)}
					/>
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
		</Door>
	);
}
