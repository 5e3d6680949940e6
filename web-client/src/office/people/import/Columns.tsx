import { Button, NativeSelect } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Banner, Card, Segmented } from "@/kit";
import type { ImportColumn } from "@/protocol/generated/ImportColumn";
import type { PeopleImport } from "@/protocol/generated/PeopleImport";
import type { ShortCodes } from "@/protocol/generated/ShortCodes";
import { useServer } from "@/session";
import { useErrorSentence } from "@/session/sentence";
import { correctImport } from "./api";
import classes from "./Import.module.css";

const all: ImportColumn[] = [
	"code",
	"family_name",
	"name",
	"form_of_address",
	"unit",
	"position",
	"subject",
	"from",
	"to",
];
const shortCodes: ShortCodes[] = ["ask", "pad", "keep"];

/** Which column of the file is what, where that is asked for; and what becomes of codes that may have lost zeros. */
export function Columns({
	one,
	opened,
	onTold,
}: {
	one: PeopleImport;
	/** Whether the columns are to be seen. */
	opened: boolean;
	onTold: (answer: PeopleImport) => void;
}) {
	const { t } = useTranslation();
	const server = useServer();
	const sentence = useErrorSentence();
	const [columns, setColumns] = useState(() =>
		one.columns.map(({ column }) => column),
	);
	const correct = useMutation({
		mutationFn: (short_codes: ShortCodes) =>
			correctImport(server, one.id, { columns, short_codes }),
		onSuccess: onTold,
	});
	const choose = (at: number, column: ImportColumn | null) =>
		setColumns(
			columns.map((known, index) => {
				if (index === at) return column;
				// What is said of one column is said of no other.
				return known === column ? null : known;
			}),
		);
	if (!one.may.includes("correct_import")) return null;
	return (
		<>
			{one.lost_zeros && (
				<Card className={classes.asked}>
					<Banner tone={one.short_codes === "ask" ? "warn" : "info"}>
						<b>
							{t("peopleImport.zerosTitle", { count: one.lost_zeros.rows })}
						</b>{" "}
						{t("peopleImport.zerosText", {
							example: one.lost_zeros.example,
							width: one.lost_zeros.width,
						})}
					</Banner>
					<Segmented
						label={t("peopleImport.zerosLabel")}
						value={one.short_codes}
						onChange={(short_codes) => correct.mutate(short_codes)}
						options={shortCodes.map((value) => ({
							value,
							label: t(`peopleImport.zeros.${value}`),
						}))}
					/>
				</Card>
			)}
			{opened && (
				<Card className={classes.asked}>
					<p>{t("peopleImport.columnsHint")}</p>
					<div className={classes.columns}>
						{one.columns.map(({ header, example }, at) => (
							<NativeSelect
								// biome-ignore lint/suspicious/noArrayIndexKey: the columns of a file have an order and no names of their own.
								key={at}
								size="md"
								label={header === "" ? `${at + 1}` : header}
								description={
									example === ""
										? undefined
										: t("peopleImport.example", { example })
								}
								value={columns[at] ?? ""}
								onChange={(event) =>
									choose(
										at,
										all.find((one) => one === event.currentTarget.value) ??
											null,
									)
								}
								data={[
									{ value: "", label: t("peopleImport.passOver") },
									...all.map((value) => ({
										value,
										label: t(`peopleImport.change.${value}`),
									})),
								]}
							/>
						))}
					</div>
					<div className={classes.keys}>
						<Button
							variant="filled"
							loading={correct.isPending}
							onClick={() => correct.mutate(one.short_codes)}
						>
							{t("peopleImport.lookAgain")}
						</Button>
					</div>
				</Card>
			)}
			{correct.isError && <Banner tone="bad">{sentence(correct.error)}</Banner>}
		</>
	);
}
