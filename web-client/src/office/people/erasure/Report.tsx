import { useTranslation } from "react-i18next";
import { formatDate } from "@/format";
import { Card, Section } from "@/kit";
import type { ErasureReport } from "@/protocol/generated/ErasureReport";
import classes from "./Erasure.module.css";

/** What goes and what stays; `done` says that it has gone. */
export function Report({
	report,
	done,
}: {
	report: ErasureReport;
	done: boolean;
}) {
	const { t } = useTranslation();
	// A table that a newer server tells of has no words here.
	const tables: Record<string, string> = t("erasure.tables", {
		returnObjects: true,
	});
	return (
		<div className={classes.report}>
			<Section title={t(done ? "erasure.gone" : "erasure.goes")}>
				<Card>
					<ul className={classes.lines}>
						{report.deleted.map(({ table, rows }) => (
							<li key={table}>
								<span>{tables[table] ?? table}</span>
								<span className="fig">
									{t("erasure.rows", { count: rows })}
								</span>
							</li>
						))}
					</ul>
				</Card>
			</Section>
			<Section title={t("erasure.stays")}>
				<Card>
					<ul className={classes.lines}>
						{report.kept.map(({ what, rows }) => (
							<li key={what}>
								<div>
									<b>{t(`erasure.kept.${what}`)}</b>
									<small>{t(`erasure.why.${what}`)}</small>
								</div>
								<span className="fig">
									{t("erasure.rows", { count: rows })}
								</span>
							</li>
						))}
						<li>
							<div>
								<b>{t("erasure.kept.backups")}</b>
								<small>{t("erasure.why.backups")}</small>
							</div>
						</li>
					</ul>
				</Card>
			</Section>
			{report.recordings.length > 0 && (
				<Section title={t("erasure.recordings")}>
					<Card>
						<p className={classes.lead}>{t("erasure.recordingsWhy")}</p>
						<ul className={classes.lines}>
							{report.recordings.map((one) => (
								<li key={`${one.session} ${one.began_at_us}`}>
									<div>
										<b>{one.session}</b>
										<small className="fig">{formatDate(one.began_at_us)}</small>
									</div>
									<span>
										{one.on_hold
											? t("erasure.onHold")
											: one.keep_until_us === null
												? t("erasure.forEver")
												: t("erasure.until", {
														day: formatDate(one.keep_until_us),
													})}
									</span>
								</li>
							))}
						</ul>
					</Card>
				</Section>
			)}
		</div>
	);
}
