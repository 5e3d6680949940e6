import { Button, Drawer } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconTableExport } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { formatDate, formatTime, toJson } from "@/format";
import { Card, Empty, Loaded, NextPage } from "@/kit";
import type { AuditAction } from "@/protocol/generated/AuditAction";
import type { AuditLine } from "@/protocol/generated/AuditLine";
import { useServer } from "@/session";
import { actionsQuery, logFile, logQuery } from "../api";
import { System } from "../System";
import table from "../Table.module.css";
import { Chain } from "./Chain";
import { isChosen, type LogFilter } from "./filter";
import classes from "./Log.module.css";
import { LogLine } from "./LogLine";
import { LogSearch } from "./LogSearch";
import { sayAction, sayThing, sayWho } from "./say";

/** The audit log: who did what to what, and when. */
export function Log() {
	const { t } = useTranslation();
	return (
		<System title={t("system.log.title")}>
			<Search />
		</System>
	);
}

function Search() {
	const { t } = useTranslation();
	const server = useServer();
	const navigate = useNavigate();
	const filter = useSearch({ from: "/known/shell/system/log" });
	const actions = useQuery(actionsQuery(server)).data ?? [];
	const query = useInfiniteQuery(logQuery(server, filter));
	return (
		<>
			<LogSearch
				// Another search, by whatever way, is another form.
				key={toJson(filter)}
				filter={filter}
				actions={actions}
				onSearch={(search) => void navigate({ to: "/system/log", search })}
			/>
			<Loaded
				query={query}
				what={t("system.log.whatLoads")}
				rows={8}
				frame={(waiting) => <Card className={classes.list}>{waiting}</Card>}
			>
				{({ pages }) => (
					<Lines
						filter={filter}
						lines={pages.flatMap(({ items }) => items)}
						actions={actions}
						older={
							<NextPage query={query} className={classes.older}>
								{t("system.log.older")}
							</NextPage>
						}
					/>
				)}
			</Loaded>
		</>
	);
}

function Lines({
	filter,
	lines,
	actions,
	older,
}: {
	filter: LogFilter;
	lines: AuditLine[];
	actions: AuditAction[];
	/** The key that shows older lines. */
	older: React.ReactNode;
}) {
	const { t, i18n } = useTranslation();
	const wide = useMediaQuery("(min-width: 1101px)", true, {
		getInitialValueInEffect: false,
	});
	const [chosen, setChosen] = useState<number | null>(null);
	const selected =
		lines.find(({ seq }) => seq === chosen) ?? (wide ? lines[0] : undefined);
	return (
		<div className={classes.columns}>
			<Card className={classes.list}>
				<div className={classes.listHead}>
					<h2>{t("system.log.heading")}</h2>
					<p>{t("system.log.newest")}</p>
					{lines.length > 0 && (
						<Button
							component="a"
							variant="default"
							href={logFile(filter, i18n.language)}
							download
							leftSection={
								<IconTableExport size={20} stroke={1.9} aria-hidden />
							}
						>
							{t(
								isChosen(filter)
									? "system.log.exportFound"
									: "system.log.export",
							)}
						</Button>
					)}
				</div>
				{lines.length === 0 ? (
					<Empty title={t("system.log.none")}>{t("system.log.noneHint")}</Empty>
				) : (
					<table className={`${table.table} ${classes.table}`}>
						<caption className="vh">{t("system.log.title")}</caption>
						<thead>
							<tr>
								<th scope="col">{t("system.log.at")}</th>
								<th scope="col">{t("system.log.who")}</th>
								<th scope="col">{t("system.log.action")}</th>
								<th scope="col">{t("system.log.thing")}</th>
							</tr>
						</thead>
						<tbody>
							{lines.map((line) => (
								<tr
									key={line.seq}
									data-selected={line.seq === selected?.seq || undefined}
								>
									<td className="fig">
										{formatDate(line.at_us)} {formatTime(line.at_us)}
									</td>
									<td>{sayWho(t, line)}</td>
									<th scope="row">
										<button
											type="button"
											aria-pressed={line.seq === selected?.seq}
											onClick={() => setChosen(line.seq)}
										>
											{sayAction(actions, i18n.language, line.action)}
										</button>
									</th>
									<td>{sayThing(t, line)}</td>
								</tr>
							))}
						</tbody>
					</table>
				)}
				{older}
			</Card>
			<div className={classes.aside}>
				<Chain />
				{wide && selected && (
					<Card>
						<LogLine key={selected.seq} line={selected} actions={actions} />
					</Card>
				)}
			</div>
			{!wide && (
				<Drawer
					opened={selected !== undefined}
					onClose={() => setChosen(null)}
					position="right"
					size="min(100%, 436px)"
					padding={0}
					title={<span className="vh">{t("system.log.oneLine")}</span>}
					closeButtonProps={{ "aria-label": t("kit.close"), size: 44 }}
				>
					{selected && (
						<LogLine key={selected.seq} line={selected} actions={actions} />
					)}
				</Drawer>
			)}
		</div>
	);
}
