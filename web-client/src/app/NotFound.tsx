import { IconMapOff } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { ButtonLink, useDocumentTitle } from "@/kit";
import classes from "./Message.module.css";

/** An address that leads nowhere. */
export function NotFound() {
	const { t } = useTranslation();
	useDocumentTitle(t("notFound.title"));
	return (
		<main className={classes.message}>
			<IconMapOff size={40} stroke={1.5} aria-hidden="true" />
			<h1>{t("notFound.title")}</h1>
			<p>{t("notFound.text")}</p>
			<ButtonLink to="/" variant="filled">
				{t("backHome")}
			</ButtonLink>
		</main>
	);
}
