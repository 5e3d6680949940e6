import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { formatDateTime } from "@/format";
import { Banner, ButtonLink, Card, Loaded, Page, Section } from "@/kit";
import { useServer } from "@/session";
import { Only } from "@/session/Only";
import { useErrorSentence } from "@/session/sentence";
import { may, useMe } from "@/session/useMe";
import { everybodyFile, importsQuery, sendFile, templateFile } from "./api";
import classes from "./Import.module.css";

/** Takes in a list of people, and shows those that came before. */
export function Imports() {
	const { t } = useTranslation();
	const me = useMe();
	return (
		<Only
			may={may(me, "manage_people")}
			title={t("peopleImport.title")}
			refusal={t("people.notYours")}
			whose={t("people.whoMay")}
		>
			<Start />
		</Only>
	);
}

function Start() {
	const { t } = useTranslation();
	const server = useServer();
	const query = useQuery(importsQuery(server));
	return (
		<Page
			title={t("peopleImport.title")}
			lead={t("peopleImport.lead")}
			aside={<ButtonLink to="/people">{t("person.back")}</ButtonLink>}
		>
			<div className={classes.start}>
				<Card className={classes.how}>
					<h2>{t("peopleImport.how")}</h2>
					<ul>
						<li>{t("peopleImport.howColumns")}</li>
						<li>{t("peopleImport.howEmpty")}</li>
						<li>{t("peopleImport.howText")}</li>
						<li>{t("peopleImport.howRoster")}</li>
					</ul>
					<div className={classes.keys}>
						<FileKey look="filled" label={t("peopleImport.choose")} />
						<Button component="a" href={templateFile} download>
							{t("peopleImport.template")}
						</Button>
						<Button component="a" href={everybodyFile} download>
							{t("peopleImport.everybody")}
						</Button>
					</div>
				</Card>
				<Section title={t("peopleImport.earlier")}>
					<Card>
						<Loaded query={query} what={t("peopleImport.what")}>
							{(imports) =>
								imports.length === 0 ? (
									<p className={classes.quiet}>{t("peopleImport.none")}</p>
								) : (
									<ul>
										{imports.map((one) => (
											<li key={one.id} className={classes.earlier}>
												<Link
													to="/people/imports/$import"
													params={{ import: one.id }}
												>
													{one.file_name}
												</Link>
												<span>
													{t(`peopleImport.state.${one.state}`)},{" "}
													{t("peopleImport.rows", { count: one.rows })},{" "}
													<span className="fig">
														{formatDateTime(one.created_at_us)}
													</span>
												</span>
											</li>
										))}
									</ul>
								)
							}
						</Loaded>
					</Card>
				</Section>
			</div>
		</Page>
	);
}

/** A key that asks for a file and sends it. */
export function FileKey({
	look,
	label,
}: {
	look: "filled" | "default";
	label: string;
}) {
	const { t } = useTranslation();
	const server = useServer();
	const navigate = useNavigate();
	const queryClient = useQueryClient();
	const sentence = useErrorSentence();
	const input = useRef<HTMLInputElement>(null);
	const send = useMutation({
		mutationFn: (file: File) => sendFile(server, file),
		onSuccess: async ({ id }) => {
			await queryClient.invalidateQueries({ queryKey: ["people-imports"] });
			await navigate({
				to: "/people/imports/$import",
				params: { import: id },
			});
		},
	});
	return (
		<>
			<Button
				variant={look}
				loading={send.isPending}
				onClick={() => input.current?.click()}
			>
				{label}
			</Button>
			<input
				ref={input}
				type="file"
				accept=".xlsx,.csv,.txt,.zip"
				aria-label={label}
				className="vh"
				tabIndex={-1}
				onChange={(event) => {
					const file = event.currentTarget.files?.[0];
					// The same file, mended, is another.
					event.currentTarget.value = "";
					if (file) send.mutate(file);
				}}
			/>
			{send.isPending && (
				<p role="status" className="vh">
					{t("peopleImport.reading")}
				</p>
			)}
			{send.isError && (
				<div className={classes.whole}>
					<Banner tone="bad">{sentence(send.error)}</Banner>
				</div>
			)}
		</>
	);
}
