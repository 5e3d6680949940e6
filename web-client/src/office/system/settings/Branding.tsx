import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { Card, Mark } from "@/kit";
import { useErrorSentence, useServer } from "@/session";
import { putEmblem, settingsQuery } from "../api";
import { place } from "./draft";
import { drawPng, NoPicture } from "./emblem";
import { Field, type Part } from "./Field";
import classes from "./Settings.module.css";
import { useSay } from "./useSay";

/** What the department is called on pages and papers, and its emblem. */
export function Branding(part: Part) {
	const { t } = useTranslation();
	const say = useSay();
	const names = part.state.settings.filter(({ group }) => group === "branding");
	return (
		<Card className={classes.card}>
			<section aria-labelledby="settings-branding">
				<div className={classes.head}>
					<h2 id="settings-branding">{t("settings.group.branding")}</h2>
				</div>
				<ul className={classes.names}>
					{names.map((setting) => (
						<li
							key={setting.key}
							data-dirty={
								part.drafts[place(setting.key)] !== undefined || undefined
							}
						>
							<b>{t(`settings.name.${setting.key}`)}</b>
							<Field {...part} setting={setting} />
							<small>
								{t(`settings.meaning.${setting.key}`)}{" "}
								{setting.changed !== null && say.last(setting.changed)}
							</small>
						</li>
					))}
				</ul>
				<Emblem {...part} />
			</section>
		</Card>
	);
}

function Emblem({ state }: Part) {
	const { t } = useTranslation();
	const server = useServer();
	const queryClient = useQueryClient();
	const sentence = useErrorSentence();
	const say = useSay();
	const field = useRef<HTMLInputElement>(null);
	const put = useMutation({
		mutationFn: async (file: File | null) =>
			putEmblem(server, file === null ? null : await drawPng(file), state.etag),
		onSuccess: (settings) => {
			queryClient.setQueryData(settingsQuery(server).queryKey, settings);
			void queryClient.invalidateQueries({ queryKey: ["branding"] });
		},
		onError: () => queryClient.invalidateQueries({ queryKey: ["settings"] }),
	});
	return (
		<div className={classes.emblem}>
			<span className={classes.plate}>
				<Mark width={60} own={state.emblem?.url} />
			</span>
			<div>
				{state.may_change && (
					<div className={classes.keys}>
						<input
							ref={field}
							type="file"
							className="vh"
							tabIndex={-1}
							aria-hidden="true"
							accept="image/png,image/svg+xml"
							onChange={(event) => {
								const file = event.currentTarget.files?.[0];
								if (file !== undefined) put.mutate(file);
								event.currentTarget.value = "";
							}}
						/>
						<Button
							loading={put.isPending}
							onClick={() => field.current?.click()}
						>
							{t("settings.putEmblem")}
						</Button>
						{state.emblem !== null && (
							<Button onClick={() => put.mutate(null)}>
								{t("settings.removeEmblem")}
							</Button>
						)}
					</div>
				)}
				<p>
					{t("settings.emblemHint")}{" "}
					{state.emblem !== null && say.last(state.emblem.changed)}
				</p>
				{put.error !== null && (
					<p role="alert" className={classes.refused}>
						{put.error instanceof NoPicture
							? t("settings.noPicture")
							: sentence(put.error)}
					</p>
				)}
			</div>
		</div>
	);
}
