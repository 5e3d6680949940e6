import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { formatDate } from "@/format";
import { Banner, Loaded, Section, Status } from "@/kit";
import type { SecondFactor } from "@/protocol/generated/SecondFactor";
import { useServer } from "@/session";
import { secondFactorQuery } from "@/shared/second-factor/api";
import { RecoveryCodes } from "@/shared/second-factor/RecoveryCodes";
import { SetUp } from "@/shared/second-factor/SetUp";
import classes from "./OwnAccount.module.css";
import { PasswordStep, RenewCodes, TurnOff } from "./SecondFactorForms";

/** How many recovery codes are few. */
const few = 3;

/** What is being done. */
type Task =
	| { what: "password" }
	| { what: "set-up"; secret: string }
	| { what: "renew" }
	| { what: "end" }
	| { what: "codes"; codes: string[] };

/** The second factor of one's own account: how it stands, and turning it on, over to another phone, and off. */
export function SecondFactorSection({ login }: { login: string }) {
	const { t } = useTranslation();
	const query = useQuery(secondFactorQuery(useServer()));
	return (
		<Section title={t("secondFactor.title")}>
			<Loaded query={query} what={t("secondFactor.what")} rows={2}>
				{(factor) => <Own login={login} factor={factor} />}
			</Loaded>
		</Section>
	);
}

function Own({ login, factor }: { login: string; factor: SecondFactor }) {
	const { t } = useTranslation();
	const queryClient = useQueryClient();
	const [task, setTask] = useState<Task | null>(null);
	const [said, setSaid] = useState<"done" | "ended" | null>(null);
	const refresh = () =>
		queryClient.invalidateQueries({ queryKey: ["account"] });
	const begin = (next: Task) => {
		setSaid(null);
		setTask(next);
	};
	const close = () => setTask(null);
	switch (task?.what) {
		case "password":
			return (
				<PasswordStep
					replaces={factor.since_us !== null}
					asks={factor.asks_password}
					onDone={(secret) => setTask({ what: "set-up", secret })}
					onCancel={close}
				/>
			);
		case "set-up":
			return (
				<div className={classes.form}>
					<SetUp
						login={login}
						secret={task.secret}
						onDone={(codes) => {
							setSaid("done");
							setTask({ what: "codes", codes });
						}}
					/>
					<Button onClick={close}>{t("secondFactor.own.cancel")}</Button>
				</div>
			);
		case "codes":
			return (
				<RecoveryCodes
					login={login}
					codes={task.codes}
					done={t("secondFactor.own.kept")}
					onDone={() => {
						close();
						void refresh();
					}}
				/>
			);
		case "renew":
			return (
				<RenewCodes
					onDone={(codes) => setTask({ what: "codes", codes })}
					onCancel={close}
				/>
			);
		case "end":
			return (
				<TurnOff
					asksPassword={factor.asks_password}
					onDone={() => {
						setSaid("ended");
						close();
						void refresh();
					}}
					onCancel={close}
				/>
			);
	}
	const left = factor.recovery_codes_left;
	const isOn = factor.since_us !== null;
	return (
		<div className={classes.form}>
			{said !== null && (
				<Banner tone="ok">{t(`secondFactor.own.${said}`)}</Banner>
			)}
			{factor.since_us === null ? (
				<>
					<Status tone="none">{t("secondFactor.own.off")}</Status>
					<p className={classes.hint}>{t("secondFactor.own.offText")}</p>
					<Button onClick={() => begin({ what: "password" })}>
						{t("secondFactor.own.begin")}
					</Button>
				</>
			) : (
				<Status tone="ok">
					{t("secondFactor.own.on", { date: formatDate(factor.since_us) })}
				</Status>
			)}
			{isOn && left <= few && (
				<Banner tone="warn">
					{t("secondFactor.own.few", { count: left })}
				</Banner>
			)}
			{isOn && left > few && (
				<p className={classes.hint}>
					{t("secondFactor.own.left", { count: left })}
				</p>
			)}
			{isOn && (
				<div className={classes.keys}>
					<Button onClick={() => begin({ what: "password" })}>
						{t("secondFactor.own.replace")}
					</Button>
					<Button onClick={() => begin({ what: "renew" })}>
						{t("secondFactor.own.codes")}
					</Button>
					{!factor.demanded && (
						<Button onClick={() => begin({ what: "end" })}>
							{t("secondFactor.own.end")}
						</Button>
					)}
				</div>
			)}
			{isOn && factor.demanded && (
				<p className={classes.hint}>{t("secondFactor.own.demanded")}</p>
			)}
		</div>
	);
}
