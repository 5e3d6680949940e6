import { Button } from "@mantine/core";
import { IconPrinter } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { formatDateTime } from "@/format";
import { Banner } from "@/kit";
import { useServer } from "@/session";
import classes from "./SecondFactor.module.css";

/** Recovery codes, told this once: to be printed or written down. */
export function RecoveryCodes({
	login,
	codes,
	done,
	onDone,
}: {
	login: string;
	codes: string[];
	/** What comes next. */
	done: string;
	onDone: () => void;
}) {
	const { t } = useTranslation();
	const { nowUs } = useServer();
	return (
		<div className={classes.form}>
			<Banner tone="warn">{t("secondFactor.once")}</Banner>
			<div className={classes.paper}>
				<p>
					<b>{t("secondFactor.paperTitle")}</b>
				</p>
				<p className={classes.hint}>
					{t("secondFactor.paperOf", { login, time: formatDateTime(nowUs()) })}
				</p>
				<ul className={classes.codes}>
					{codes.map((code) => (
						<li key={code}>{code}</li>
					))}
				</ul>
				<p className={classes.hint}>{t("secondFactor.paperUse")}</p>
			</div>
			<div className={classes.keys}>
				<Button
					size="lg"
					leftSection={
						<IconPrinter size={24} stroke={1.9} aria-hidden="true" />
					}
					onClick={() => window.print()}
				>
					{t("secondFactor.print")}
				</Button>
				<Button variant="filled" size="lg" onClick={onDone}>
					{done}
				</Button>
			</div>
		</div>
	);
}
