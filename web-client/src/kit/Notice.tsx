import { Button } from "@mantine/core";
import { IconAlertTriangle, IconInbox } from "@tabler/icons-react";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useErrorWords } from "./errorWords";
import classes from "./Notice.module.css";

/** Nothing to show: one fact, one next step. */
export function Empty({
	title,
	children,
	action,
}: {
	title: string;
	children?: ReactNode;
	action?: ReactNode;
}) {
	return (
		<div className={classes.notice}>
			<IconInbox size={40} stroke={1.5} aria-hidden="true" />
			<p className={classes.title}>{title}</p>
			{children && <p className={classes.text}>{children}</p>}
			{action}
		</div>
	);
}

/** A part of a page that could not be had: what, why, "Thử lại", and a code for the technician. */
export function Failure({
	what,
	error,
	onRetry,
	wayOut,
}: {
	/** What is missing, as the object of "Chưa tải được …". */
	what: string;
	error: unknown;
	onRetry?: () => void;
	/** Where else to go, when asking again changes nothing and nothing else is on the page. */
	wayOut?: ReactNode;
}) {
	const { t } = useTranslation();
	const { sentence, code, final } = useErrorWords()(error);
	return (
		<div className={classes.notice} role="alert">
			<IconAlertTriangle size={40} stroke={1.5} aria-hidden="true" />
			<p className={classes.title}>{t("kit.panel", { what })}</p>
			<p className={classes.text}>{sentence}</p>
			{onRetry && !final && <Button onClick={onRetry}>{t("kit.retry")}</Button>}
			{final && wayOut}
			<p className={classes.code}>{t("kit.code", { code })}</p>
		</div>
	);
}

/** Still blocks in the final geometry, shown once loading has lasted 300 ms, and a line that says what loads. */
export function Loading({ what, rows = 3 }: { what: string; rows?: number }) {
	const { t } = useTranslation();
	const [shown, setShown] = useState(false);
	useEffect(() => {
		const timer = setTimeout(() => setShown(true), 300);
		return () => clearTimeout(timer);
	}, []);
	if (!shown) return <div className={classes.loading} aria-busy="true" />;
	return (
		<div className={classes.loading} aria-busy="true">
			<p role="status">{t("kit.loading", { what })}</p>
			{Array.from({ length: rows }, (_, row) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: the blocks are all alike and never move.
				<div key={row} className={classes.block} />
			))}
		</div>
	);
}
