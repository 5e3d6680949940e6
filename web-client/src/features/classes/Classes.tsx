import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { classesQuery, useApi } from "@/api";
import { formatDateTime, formatHours } from "@/format";
import type { TrainingClass } from "@/protocol/generated/TrainingClass";
import { Card, Empty, Failure, Loading, Page } from "@/ui";
import classes from "./Classes.module.css";
import { nextSession } from "./nextSession";

/** All classes, each with what it has and when it meets next. */
export function Classes() {
	const { t } = useTranslation();
	const api = useApi();
	const query = useQuery(classesQuery(api));
	return (
		<Page title={t("classes.title")}>
			{query.isPending ? (
				<Card>
					<Loading what={t("classes.what")} />
				</Card>
			) : query.isError ? (
				<Card>
					<Failure
						what={t("classes.what")}
						error={query.error}
						onRetry={() => void query.refetch()}
					/>
				</Card>
			) : query.data.length === 0 ? (
				<Card>
					<Empty title={t("classes.empty")}>{t("classes.emptyText")}</Empty>
				</Card>
			) : (
				<ul className={classes.list}>
					{query.data.map((one) => (
						<ClassCard key={one.code} one={one} />
					))}
				</ul>
			)}
		</Page>
	);
}

function ClassCard({ one }: { one: TrainingClass }) {
	const { t } = useTranslation();
	const hours = one.modules.reduce((sum, { hours }) => sum + hours, 0);
	const next = nextSession(one);
	return (
		<li className={classes.class}>
			<div>
				<h2>
					<Link to="/classes/$code" params={{ code: one.code }}>
						{one.title}
					</Link>
				</h2>
				<p>
					{t("classes.lead", {
						code: one.code,
						count: one.enrolled,
						unit: one.unit.name,
						year: one.year,
					})}
				</p>
			</div>
			<dl>
				<div>
					<dt>{t("classes.modules")}</dt>
					<dd className="fig">{one.modules.length}</dd>
				</div>
				<div>
					<dt>{t("classes.hours")}</dt>
					<dd className="fig">{formatHours(hours)}</dd>
				</div>
				<div>
					<dt>{t("classes.next")}</dt>
					<dd>
						{next === undefined ? (
							t("classes.none")
						) : next.state === "live" ? (
							t("state.live")
						) : (
							<span className="fig">{formatDateTime(next.starts_at_us)}</span>
						)}
					</dd>
				</div>
			</dl>
		</li>
	);
}
