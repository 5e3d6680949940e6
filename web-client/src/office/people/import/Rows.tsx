import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Card, Loaded, NextPage } from "@/kit";
import type { ImportColumn } from "@/protocol/generated/ImportColumn";
import type { ImportRow } from "@/protocol/generated/ImportRow";
import type { PeopleImport } from "@/protocol/generated/PeopleImport";
import type { RowFault } from "@/protocol/generated/RowFault";
import type { RowVerdict } from "@/protocol/generated/RowVerdict";
import { useServer } from "@/session";
import { showDay } from "../days";
import { rowsQuery } from "./api";
import classes from "./Import.module.css";

/** The rows of an import that stand in one way: what each changes, or why it is refused. */
export function Rows({
	one,
	verdict,
}: {
	one: PeopleImport;
	verdict: RowVerdict;
}) {
	const { t } = useTranslation();
	const query = useInfiniteQuery({
		...rowsQuery(useServer(), one, verdict),
		placeholderData: keepPreviousData,
	});
	return (
		<Card className={classes.rows}>
			<Loaded
				query={{
					...query,
					data: query.data?.pages.flatMap(({ items }) => items),
				}}
				what={t("peopleImport.rowsWhat")}
				rows={6}
			>
				{(rows) =>
					rows.length === 0 ? (
						<p className={classes.quiet}>{t("peopleImport.noRows")}</p>
					) : (
						<>
							<ol aria-busy={query.isPlaceholderData}>
								{rows.map((row) => (
									<Row key={row.number} row={row} />
								))}
							</ol>
							<NextPage query={query} className={classes.more}>
								{t("peopleImport.more")}
							</NextPage>
						</>
					)
				}
			</Loaded>
		</Card>
	);
}

function Row({ row }: { row: ImportRow }) {
	const { t } = useTranslation();
	const fault = useFault();
	return (
		<li className={classes.row}>
			<span className={`fig ${classes.number}`}>
				<span className="vh">
					{t("peopleImport.row", { number: row.number })}
				</span>
				<span aria-hidden="true">{row.number}</span>
			</span>
			<div className={classes.who}>
				<b>{row.name || "–"}</b>
				<small className="fig">{row.code}</small>
			</div>
			<div>
				{row.faults.map((one) => (
					<p key={fault(one)} className={classes.fault}>
						{fault(one)}
					</p>
				))}
				{row.faults.length === 0 && row.changes.length === 0 && (
					<p className={classes.place}>
						{[row.position, row.unit].filter((part) => part !== "").join(", ")}
					</p>
				)}
				{row.changes.map(({ column, before, after }) => (
					<p key={column} className={classes.change}>
						<span>{t(`peopleImport.change.${column}`)}</span>
						{before !== null && (
							<>
								<del>{said(column, before)}</del>
								<span aria-hidden="true">→</span>
								<span className="vh">{t("peopleImport.becomes")}</span>
							</>
						)}
						<ins>{said(column, after)}</ins>
					</p>
				))}
			</div>
		</li>
	);
}

const said = (column: ImportColumn, value: string): string =>
	column === "from" || column === "to" ? showDay(value) : value;

/** Says why a row is not written. */
function useFault(): (fault: RowFault) => string {
	const { t } = useTranslation();
	return ({ code, params }) => {
		const values: Record<string, string> = { limit: "", ...params };
		for (const name of ["from", "to"]) {
			if (values[name]) values[name] = showDay(values[name]);
		}
		if (params.column) {
			values.column = t(`peopleImport.change.${params.column as ImportColumn}`);
		}
		// Which parameters a sentence takes, the server knows with its code.
		const say = t as unknown as (key: string, values: object) => string;
		return say(`peopleImport.fault.${code}`, values);
	};
}
