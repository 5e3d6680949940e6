import { Button } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { type ErrorComponentProps, useRouter } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useDocumentTitle, useErrorWords } from "@/kit";
import classes from "./Message.module.css";

/** A page that could not open or broke while open: what happened, what to do, a code for the technician. */
export function ErrorPage({ error, reset }: ErrorComponentProps) {
	const { t } = useTranslation();
	const router = useRouter();
	const { sentence, code } = useErrorWords()(error);
	useDocumentTitle(t("errorPage.title"));
	return (
		<main className={classes.message} role="alert">
			<IconAlertTriangle size={40} stroke={1.5} aria-hidden="true" />
			<h1>{t("errorPage.title")}</h1>
			<p>{sentence}</p>
			<Button
				variant="filled"
				onClick={() => {
					reset();
					void router.invalidate();
				}}
			>
				{t("kit.retry")}
			</Button>
			<p className={classes.code}>{t("kit.code", { code })}</p>
		</main>
	);
}
