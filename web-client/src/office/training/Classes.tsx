import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { formatDateTime, formatHours } from "@/format";
import { Card, Empty, Loaded, Page } from "@/kit";
import type { TrainingClass } from "@/protocol/generated/TrainingClass";
import { useServer } from "@/session";
import { Only } from "@/session/Only";
import { useMe } from "@/session/useMe";
import { classesQuery } from "./api";
import classes from "./Classes.module.css";
import { nextSession } from "./nextSession";

/** All classes that one gives or attends. */
export function Classes() {
	const { t } = useTranslation();
	const me = useMe();
	return (
		<Only
			may={me.link_session === null}
			title={t("classes.title")}
			refusal={t("classes.notYours")}
			whose={t("classes.whoMay")}
		>
			<List />
		</Only>
	);
}

/** Each with what it has and when it meets next. */
function List() {
	const { t } = useTranslation();
	const server = useServer();
	const query = useQuery(classesQuery(server));
	return (
		<Page title={t("classes.title")}>
			<Loaded
				query={query}
				what={t("classes.what")}
				frame={(waiting) => <Card>{waiting}</Card>}
			>
				{(found) =>
					found.length === 0 ? (
						<Card>
							<Empty title={t("classes.empty")}>{t("classes.emptyText")}</Empty>
						</Card>
					) : (
						<ul className={classes.list}>
							{found.map((one) => (
								<ClassCard key={one.code} one={one} />
							))}
						</ul>
					)
				}
			</Loaded>
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
