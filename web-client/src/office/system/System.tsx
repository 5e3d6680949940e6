import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useDocumentTitle } from "@/kit";
import { Only } from "@/session/Only";
import { may, useMe } from "@/session/useMe";
import classes from "./System.module.css";

/** The frame of the pages of the installation: whose they are, and the way from one to the other. */
export function System({
	title,
	children,
}: {
	title: string;
	children: ReactNode;
}) {
	const { t } = useTranslation();
	const me = useMe();
	useDocumentTitle(title);
	return (
		<Only
			may={may(me, "open_system")}
			title={t("system.title")}
			refusal={t("system.notYours")}
			whose={t("system.whoMay")}
		>
			<div className={classes.page}>
				<div className={classes.head}>
					<h1>{t("system.title")}</h1>
					<nav aria-label={t("system.pages")} className={classes.pages}>
						<Link to="/system/backups">{t("system.backups.title")}</Link>
						<Link to="/system/log" activeOptions={{ includeSearch: false }}>
							{t("system.log.title")}
						</Link>
					</nav>
				</div>
				{children}
			</div>
		</Only>
	);
}
