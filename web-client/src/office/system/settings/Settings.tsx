import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Banner, Card, Loaded } from "@/kit";
import type { Settings as State } from "@/protocol/generated/Settings";
import { ApiError, useErrorSentence, useServer } from "@/session";
import { changeSettings, settingsQuery } from "../api";
import { System } from "../System";
import { Branding } from "./Branding";
import { changesOf, type Drafts } from "./draft";
import { Fixed } from "./Fixed";
import { Retention } from "./Retention";
import classes from "./Settings.module.css";
import { SettingTable } from "./SettingTable";
import { Targets } from "./Targets";
import { useSay } from "./useSay";

/** What a department changes while the server runs, and what stands in files. */
export function Settings() {
	const { t } = useTranslation();
	return (
		<System title={t("settings.title")} act="view_settings">
			<Asked />
		</System>
	);
}

function Asked() {
	const { t } = useTranslation();
	const query = useQuery(settingsQuery(useServer()));
	return (
		<Loaded
			query={query}
			what={t("settings.whatLoads")}
			rows={8}
			frame={(waiting) => <Card>{waiting}</Card>}
		>
			{(state) => <Page state={state} />}
		</Loaded>
	);
}

/** All of it; what is typed is collected and written by one key. */
function Page({ state }: { state: State }) {
	const { t } = useTranslation();
	const server = useServer();
	const queryClient = useQueryClient();
	const sentence = useErrorSentence();
	const say = useSay();
	const [drafts, setDrafts] = useState<Drafts>({});
	const changes = changesOf(state, drafts);
	const write = useMutation({
		mutationFn: () =>
			changeSettings(
				server,
				(changes ?? []).map((change) => change.write),
				state.etag,
			),
		onSuccess: (settings) => {
			queryClient.setQueryData(settingsQuery(server).queryKey, settings);
			setDrafts({});
			void queryClient.invalidateQueries({ queryKey: ["branding"] });
		},
		onError: (error) => {
			// What is typed stays; what stood has changed.
			if (error instanceof ApiError && error.code === "changed_meanwhile") {
				void queryClient.invalidateQueries({ queryKey: ["settings"] });
			}
		},
	});
	const change = (where: string, draft: string | null) => {
		setDrafts({ ...drafts, [where]: draft });
		if (write.isError) write.reset();
	};
	const parts = { state, drafts, change };
	const count = changes?.length ?? 0;
	const isDirty = changes === undefined || count > 0;
	return (
		<>
			{!state.may_change && (
				<div className={classes.note}>
					<Banner tone="info">{t("settings.readOnly")}</Banner>
				</div>
			)}
			<div className={classes.columns}>
				<div className={classes.column}>
					<SettingTable {...parts} />
					<Fixed settings={state.fixed} />
				</div>
				<div className={classes.column}>
					<Targets {...parts} />
					<Retention {...parts} />
					<Branding {...parts} />
				</div>
			</div>
			{isDirty && (
				<section className={classes.foot} aria-label={t("settings.unwritten")}>
					<p role="status">
						<b>
							{changes === undefined
								? t("settings.mend")
								: t("settings.changes", { count })}
						</b>{" "}
						{changes?.map(say.change).join("; ")}
					</p>
					{write.error !== null && (
						<p role="alert" className={classes.refused}>
							{sentence(write.error)}
						</p>
					)}
					<div className={classes.keys}>
						<Button
							onClick={() => {
								setDrafts({});
								write.reset();
							}}
						>
							{t("settings.drop")}
						</Button>
						<Button
							variant="filled"
							disabled={changes === undefined}
							loading={write.isPending}
							onClick={() => write.mutate()}
						>
							{t("settings.write", { count })}
						</Button>
					</div>
				</section>
			)}
		</>
	);
}
