import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Banner, ButtonLink, Loaded, useDocumentTitle } from "@/kit";
import type { FirstAdministrator } from "@/protocol/generated/FirstAdministrator";
import { ApiError, meQuery, useErrorSentence, useServer } from "@/session";
import { beginFirstDay, firstDayQuery } from "../api";
import { Door } from "../Door";
import classes from "../Door.module.css";

/** The first visit to an installation without accounts: the code that the server printed makes the first administrator. */
export function FirstDayPage() {
	const { t } = useTranslation();
	useDocumentTitle(t("firstDay.title"));
	const server = useServer();
	const query = useQuery(firstDayQuery(server));
	return (
		<Door>
			<Loaded query={query} what={t("firstDay.what")}>
				{({ needed, unit }) =>
					needed ? (
						<Form unit={unit} />
					) : (
						<div className={classes.form}>
							<h1>{t("firstDay.title")}</h1>
							<p>{t("firstDay.done")}</p>
							<ButtonLink to="/sign-in" variant="filled" size="lg">
								{t("signIn.title")}
							</ButtonLink>
						</div>
					)
				}
			</Loaded>
		</Door>
	);
}

/** Beside which field a refusal is said. */
const fieldOf: Record<string, keyof FirstAdministrator> = {
	wrong_first_code: "code",
	bad_unit_name: "unit",
	bad_name: "name",
	bad_login: "login",
	bad_password: "password",
};

function Form({ unit }: { unit: string | null }) {
	const { t } = useTranslation();
	const server = useServer();
	const queryClient = useQueryClient();
	const router = useRouter();
	const sentence = useErrorSentence();
	const [filled, setFilled] = useState<FirstAdministrator>({
		code: "",
		unit: unit ?? "",
		name: "",
		login: "",
		password: "",
	});
	const [again, setAgain] = useState("");
	const [looked, setLooked] = useState(false);
	const begin = useMutation({
		mutationFn: () => beginFirstDay(server, filled),
		onSuccess: (me) => {
			queryClient.clear();
			queryClient.setQueryData(meQuery(server).queryKey, me);
			router.history.replace("/guide");
		},
	});
	const refused =
		begin.error instanceof ApiError ? fieldOf[begin.error.code] : undefined;
	const submit = (event: FormEvent) => {
		event.preventDefault();
		setLooked(true);
		const whole = Object.values(filled).every((text) => text.trim() !== "");
		if (whole && again === filled.password) begin.mutate();
	};
	const field = (name: keyof FirstAdministrator) => ({
		size: "lg" as const,
		label: t(`firstDay.${name}`),
		value: filled[name],
		onChange: (event: { currentTarget: { value: string } }) =>
			setFilled({ ...filled, [name]: event.currentTarget.value }),
		required: true,
		withAsterisk: false,
		error:
			looked && filled[name].trim() === ""
				? t(`firstDay.missing.${name}`)
				: refused === name
					? sentence(begin.error)
					: null,
	});
	const secret = {
		autoComplete: "new-password",
		visibilityToggleButtonProps: {
			"aria-label": t("signIn.showPassword"),
			tabIndex: 0,
		},
	} as const;
	return (
		<form className={classes.form} onSubmit={submit} noValidate>
			<h1>{t("firstDay.title")}</h1>
			<p>{t("firstDay.lead")}</p>
			<TextInput
				{...field("code")}
				description={t("firstDay.where")}
				autoComplete="one-time-code"
				spellCheck={false}
				autoFocus
			/>
			{unit === null ? (
				<TextInput {...field("unit")} autoComplete="organization" />
			) : (
				<p className={classes.hint}>{t("firstDay.ofUnit", { unit })}</p>
			)}
			<TextInput {...field("name")} autoComplete="name" />
			<TextInput
				{...field("login")}
				description={t("firstDay.loginRule")}
				autoComplete="username"
				autoCapitalize="none"
				spellCheck={false}
			/>
			<PasswordInput
				{...field("password")}
				{...secret}
				description={t("firstSignIn.rule")}
			/>
			<PasswordInput
				{...secret}
				size="lg"
				label={t("firstDay.again")}
				value={again}
				onChange={(event) => setAgain(event.currentTarget.value)}
				required
				withAsterisk={false}
				aria-invalid={(looked && again !== filled.password) || undefined}
				error={
					looked && again !== filled.password ? t("firstSignIn.differ") : null
				}
			/>
			{begin.isError && refused === undefined && (
				<Banner tone="bad">{sentence(begin.error)}</Banner>
			)}
			<Button
				type="submit"
				variant="filled"
				size="lg"
				fullWidth
				loading={begin.isPending}
			>
				{t("firstDay.submit")}
			</Button>
		</form>
	);
}
