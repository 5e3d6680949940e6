import { Button, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, meQuery, useApi, useErrorSentence } from "@/api";
import {
	Banner,
	ButtonLink,
	LanguageSwitch,
	Mark,
	useDocumentTitle,
} from "@/ui";
import classes from "./JoiningLink.module.css";

/** Exchanges a joining link for a seat: at once when the link names somebody, after a name when it is a guest's. */
export function JoiningLink() {
	const { t } = useTranslation();
	useDocumentTitle(t("link.title"));
	const { secret } = useParams({ from: "/j/$secret" });
	const api = useApi();
	const queryClient = useQueryClient();
	const navigate = useNavigate();
	const sentence = useErrorSentence();
	const [name, setName] = useState("");
	const [missing, setMissing] = useState(false);

	const exchange = useMutation({
		mutationFn: (guestName?: string) => api.exchangeLink(secret, guestName),
		onSuccess: async (me) => {
			queryClient.clear();
			queryClient.setQueryData(meQuery(api).queryKey, me);
			// The secret leaves the address bar and the history.
			if (me.link_session === null) await navigate({ to: "/", replace: true });
			else {
				await navigate({
					to: "/s/$code/room",
					params: { code: me.link_session },
					replace: true,
				});
			}
		},
	});

	const { mutate } = exchange;
	const asked = useRef<string>(null);
	useEffect(() => {
		if (asked.current === secret) return;
		asked.current = secret;
		mutate(undefined);
	}, [mutate, secret]);

	const needsName =
		exchange.error instanceof ApiError &&
		exchange.error.code === "name_required";

	const submit = (event: FormEvent) => {
		event.preventDefault();
		setMissing(name.trim() === "");
		if (name.trim() !== "") exchange.mutate(name.trim());
	};

	// While a name is on its way the form stays, so that it can be corrected.
	const showForm = needsName || exchange.variables !== undefined;

	return (
		<div className={classes.page}>
			<header className={classes.top}>
				<Mark />
				<b>{t("product")}</b>
				<LanguageSwitch ground="dark" />
			</header>
			<main className={classes.card}>
				<h1>{t("link.title")}</h1>
				{showForm ? (
					<form onSubmit={submit} noValidate>
						<TextInput
							size="lg"
							label={t("link.name")}
							description={t("link.nameHint")}
							value={name}
							onChange={(event) => setName(event.currentTarget.value)}
							autoComplete="name"
							maxLength={80}
							autoFocus
							required
							withAsterisk={false}
							error={missing ? t("link.nameMissing") : null}
						/>
						{exchange.isError && !needsName && (
							<Banner tone="bad">{sentence(exchange.error)}</Banner>
						)}
						<Button
							type="submit"
							variant="filled"
							size="lg"
							fullWidth
							loading={exchange.isPending}
						>
							{t("link.enter")}
						</Button>
					</form>
				) : exchange.isError ? (
					<>
						<Banner
							tone="bad"
							action={
								exchange.error instanceof ApiError &&
								exchange.error.status === 0 ? (
									<Button onClick={() => exchange.mutate(undefined)}>
										{t("error.retry")}
									</Button>
								) : undefined
							}
						>
							{sentence(exchange.error)}
						</Banner>
						<ButtonLink to="/sign-in">{t("link.signIn")}</ButtonLink>
					</>
				) : (
					<p role="status">{t("link.opening")}</p>
				)}
			</main>
		</div>
	);
}
