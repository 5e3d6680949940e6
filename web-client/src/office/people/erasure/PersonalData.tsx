import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { formatDateTime } from "@/format";
import { ButtonLink, Card, Loaded, Section, Status } from "@/kit";
import type { Person } from "@/protocol/generated/Person";
import { useServer } from "@/session";
import { erasureQuery, personalDataFile, reportFile } from "./api";
import classes from "./Erasure.module.css";
import { Report } from "./Report";

/** Taking away what is kept about somebody, and the way to deleting it. */
export function PersonalData({ person }: { person: Person }) {
	const { t } = useTranslation();
	const exports = person.may.includes("export_personal_data");
	const erases = person.may.includes("erase_person");
	if (!exports && !erases) return null;
	return (
		<Section title={t("erasure.section")}>
			<Card className={classes.data}>
				<p>{t("erasure.sectionText")}</p>
				<div className={classes.keys}>
					{exports && (
						<Button component="a" href={personalDataFile(person.id)} download>
							{t("erasure.export")}
						</Button>
					)}
					{erases && (
						<ButtonLink
							to="/people/$person/erase"
							params={{ person: person.id }}
						>
							{t("erasure.open")}
						</ButtonLink>
					)}
				</div>
			</Card>
		</Section>
	);
}

/** The report on somebody whose data were deleted. */
export function Erased({ person }: { person: Person }) {
	const { t } = useTranslation();
	const query = useQuery(erasureQuery(useServer(), person.id));
	return (
		<Loaded
			query={query}
			what={t("erasure.report")}
			frame={(waiting) => <Card>{waiting}</Card>}
		>
			{(told) => (
				<div className={classes.whole}>
					<Card className={classes.done}>
						<Status tone={told.finished_at_us === null ? "info" : "ok"}>
							{told.finished_at_us === null
								? t("erasure.underWay", { at: formatDateTime(told.at_us) })
								: t("erasure.finished", { at: formatDateTime(told.at_us) })}
						</Status>
						<div className={classes.keys}>
							<Button component="a" href={reportFile(person.id)} download>
								{t("erasure.download")}
							</Button>
						</div>
					</Card>
					<Report report={told.report} done />
				</div>
			)}
		</Loaded>
	);
}
