import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useDocumentTitle } from "@/kit";
import type { OfficeAct } from "@/protocol/generated/OfficeAct";
import { Only } from "@/session/Only";
import { may, useMe } from "@/session/useMe";
import classes from "./System.module.css";

/** The frame of the pages of the installation: whose they are, and the way from one to the other. */
export function System({
	title,
	act = "open_system",
	children,
}: {
	title: string;
	/** What whoever opens the page must be able to do. */
	act?: OfficeAct;
	children: ReactNode;
}) {
	const { t } = useTranslation();
	const me = useMe();
	useDocumentTitle(title);
	return (
		<Only
			may={may(me, act)}
			title={t("system.title")}
			refusal={t(
				act === "manage_keys" ? "system.keys.notYours" : "system.notYours",
			)}
			whose={t(act === "manage_keys" ? "system.keys.whoMay" : "system.whoMay")}
		>
			<div className={classes.page}>
				<div className={classes.head}>
					<h1>{t("system.title")}</h1>
					<nav aria-label={t("system.pages")} className={classes.pages}>
						{may(me, "view_settings") && (
							<Link to="/system/settings">{t("settings.title")}</Link>
						)}
						{may(me, "open_system") && (
							<>
								<Link to="/system/backups">{t("system.backups.title")}</Link>
								<Link to="/system/log" activeOptions={{ includeSearch: false }}>
									{t("system.log.title")}
								</Link>
								<Link to="/guide">{t("guide.title")}</Link>
							</>
						)}
						{may(me, "manage_keys") && (
							<Link to="/system/keys">{t("system.keys.title")}</Link>
						)}
					</nav>
				</div>
				{children}
			</div>
		</Only>
	);
}
