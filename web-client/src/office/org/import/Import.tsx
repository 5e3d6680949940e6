import { Button, TextInput } from "@mantine/core";
import { IconFileUpload } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { formatIsoDay, isoDay, readIsoDay } from "@/format";
import { Banner, ButtonLink, Card, Loading, Page, Segmented, Tag } from "@/kit";
import type { UnitFileOutcome } from "@/protocol/generated/UnitFileOutcome";
import type { UnitFileReading } from "@/protocol/generated/UnitFileReading";
import { useErrorSentence, useServer } from "@/session";
import { Only } from "@/session/Only";
import { may, useMe } from "@/session/useMe";
import { importUnits, previewImport } from "../api";
import { Effect } from "../decision/Effect";
import classes from "./Import.module.css";
import { readText } from "./readText";

/** A file of units, read row by row before anything is written. */
export function Import() {
	const { t } = useTranslation();
	const me = useMe();
	return (
		<Only
			may={may(me, "change_units")}
			title={t("unitFile.title")}
			refusal={t("decisions.notYours")}
			whose={t("decisions.whoMay")}
		>
			<Form />
		</Only>
	);
}

function Form() {
	const { t } = useTranslation();
	const server = useServer();
	const queryClient = useQueryClient();
	const navigate = useNavigate();
	const say = useErrorSentence();
	const [document, setDocument] = useState("");
	const [title, setTitle] = useState("");
	const [dayText, setDayText] = useState(() =>
		formatIsoDay(isoDay(server.nowUs())),
	);
	const [file, setFile] = useState<{ name: string; text: string } | null>(null);
	const [bad, setBad] = useState(false);
	const day = readIsoDay(dayText, server.nowUs());
	const reading = useQuery({
		queryKey: ["unit-changes", "import", file?.text, day],
		queryFn: ({ signal }) =>
			previewImport(
				server,
				{ document: "-", title: "-", day: day ?? "", text: file?.text ?? "" },
				signal,
			),
		enabled: file !== null && day !== null,
		retry: false,
		gcTime: 0,
	});
	const write = useMutation({
		mutationFn: () =>
			importUnits(server, {
				document,
				title,
				day: day ?? "",
				text: file?.text ?? "",
			}),
		onSuccess: async () => {
			await queryClient.invalidateQueries({ queryKey: ["units"] });
			await queryClient.invalidateQueries({ queryKey: ["unit-changes"] });
			await navigate({ to: "/units", search: { day: day ?? undefined } });
		},
	});
	const effect = reading.data?.effect ?? null;
	const isWhole =
		document.trim() !== "" && title.trim() !== "" && effect !== null;
	return (
		<Page
			title={t("unitFile.title")}
			lead={t("unitFile.lead")}
			aside={<ButtonLink to="/units">{t("decisions.back")}</ButtonLink>}
		>
			<Card className={classes.paper}>
				<TextInput
					label={t("decision.document")}
					value={document}
					onChange={(event) => setDocument(event.currentTarget.value)}
				/>
				<TextInput
					label={t("decision.about")}
					value={title}
					onChange={(event) => setTitle(event.currentTarget.value)}
				/>
				<TextInput
					label={t("decision.day")}
					inputMode="numeric"
					value={dayText}
					error={day === null && t("units.badDay")}
					onChange={(event) => setDayText(event.currentTarget.value)}
				/>
				<FileKey
					name={file?.name}
					onFile={async (chosen) => {
						const text = await readText(chosen);
						setBad(text === null);
						setFile(text === null ? null : { name: chosen.name, text });
						write.reset();
					}}
				/>
			</Card>
			<p className={classes.columnsHint}>{t("unitFile.columns")}</p>
			{bad && <Banner tone="bad">{t("unitFile.unreadable")}</Banner>}
			{reading.isError && <Banner tone="bad">{say(reading.error)}</Banner>}
			{file !== null && reading.isPending && reading.isFetching && (
				<Loading what={t("unitFile.what")} rows={6} />
			)}
			{reading.data && (
				<>
					<Rows reading={reading.data} />
					{effect && (
						<Card className={classes.effect}>
							<h2>{t("decision.preview")}</h2>
							<Effect effect={{ ...effect, units: [] }} day={day ?? ""} />
						</Card>
					)}
				</>
			)}
			<div className={classes.foot}>
				<div>
					{write.isError ? (
						<Banner tone="bad">{say(write.error)}</Banner>
					) : (
						<p>{t("unitFile.nothingDeleted")}</p>
					)}
				</div>
				<Button
					variant="filled"
					disabled={!isWhole}
					loading={write.isPending}
					onClick={() => write.mutate()}
				>
					{effect === null
						? t("decision.writeUncounted")
						: t("decision.write", { count: effect.rows })}
				</Button>
			</div>
		</Page>
	);
}

/** The key that opens the file chooser, with the name of what was chosen. */
function FileKey({
	name,
	onFile,
}: {
	name: string | undefined;
	onFile: (file: File) => Promise<void>;
}) {
	const { t } = useTranslation();
	const input = useRef<HTMLInputElement>(null);
	return (
		<div className={classes.file}>
			<input
				ref={input}
				className="vh"
				type="file"
				accept=".csv,.txt,text/csv"
				aria-label={t("unitFile.choose")}
				tabIndex={-1}
				onChange={(event) => {
					const [file] = event.currentTarget.files ?? [];
					if (file) void onFile(file);
					// The same file, mended, is chosen again by the same name.
					event.currentTarget.value = "";
				}}
			/>
			<Button
				leftSection={<IconFileUpload size={20} aria-hidden="true" />}
				onClick={() => input.current?.click()}
			>
				{t("unitFile.choose")}
			</Button>
			<span>{name ?? t("unitFile.none")}</span>
		</div>
	);
}

type Filter = "all" | UnitFileOutcome;
const tones = {
	new: "ok",
	changed: "info",
	same: "none",
	refused: "bad",
} as const;

/** Every row of the file with what becomes of it; those that are refused first. */
function Rows({ reading }: { reading: UnitFileReading }) {
	const { t } = useTranslation();
	const count = (outcome: UnitFileOutcome) =>
		reading.rows.filter((row) => row.outcome === outcome).length;
	const refused = count("refused");
	const [filter, setFilter] = useState<Filter>("all");
	const rows = [...reading.rows]
		.filter(({ outcome }) => filter === "all" || outcome === filter)
		.sort(
			(a, b) =>
				Number(b.outcome === "refused") - Number(a.outcome === "refused") ||
				a.line - b.line,
		);
	return (
		<Card className={classes.rows}>
			{refused > 0 && (
				<Banner tone="warn">{t("unitFile.refused", { count: refused })}</Banner>
			)}
			{reading.effect === null && refused === 0 && (
				<Banner tone="info">{t("unitFile.nothingNew")}</Banner>
			)}
			<Segmented
				label={t("unitFile.filter")}
				hideLabel
				value={filter}
				onChange={setFilter}
				options={[
					{
						value: "all" as Filter,
						label: t("unitFile.all", { count: reading.rows.length }),
					},
					...(["refused", "new", "changed", "same"] as const).map((one) => ({
						value: one as Filter,
						label: t(`unitFile.outcomes.${one}`, { count: count(one) }),
					})),
				]}
			/>
			<section
				className={classes.scroll}
				// biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard.
				tabIndex={0}
				aria-label={t("unitFile.what")}
			>
				<table>
					<thead>
						<tr>
							<th scope="col">{t("unitFile.line")}</th>
							<th scope="col">{t("units.code")}</th>
							<th scope="col">{t("decision.name")}</th>
							<th scope="col">{t("unitFile.outcome")}</th>
						</tr>
					</thead>
					<tbody>
						{rows.slice(0, 300).map((row) => (
							<tr key={row.line}>
								<td className="fig">{row.line}</td>
								<td className="fig">{row.code}</td>
								<td>{row.name}</td>
								<td>
									<Tag tone={tones[row.outcome]}>
										{t(`unitFile.outcome1.${row.outcome}`)}
									</Tag>{" "}
									{row.fault && t(`unitFile.faults.${row.fault}`)}
								</td>
							</tr>
						))}
					</tbody>
				</table>
				{rows.length > 300 && (
					<p>{t("unitFile.more", { count: rows.length - 300 })}</p>
				)}
			</section>
		</Card>
	);
}
