import { Button } from "@mantine/core";
import {
	IconDeviceMobileOff,
	IconKey,
	IconLock,
	IconLockOpen,
	IconMail,
} from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { formatIsoDay } from "@/format";
import { Banner, Loaded } from "@/kit";
import { Question } from "@/kit/Question";
import type { HeldRole } from "@/protocol/generated/HeldRole";
import type { PersonAccount } from "@/protocol/generated/PersonAccount";
import { useErrorSentence, useServer } from "@/session";
import {
	accountQuery,
	endRole,
	removeSecondFactor,
	switchAccount,
	unlinkAccount,
} from "../api";
import classes from "./Accounts.module.css";
import { State } from "./AccountTable";
import { NewRoleForm } from "./NewRoleForm";

/** What is asked before it is done. */
type Asked =
	| { what: "reset" | "invite" | "disable" | "unlink" | "secondFactor" }
	| { what: "end"; role: HeldRole };

/** One person: how the account stands, the roles, and what can be done. */
export function Panel({
	one,
	giving,
	onGive,
	mail,
	inviting,
	onInvite,
}: {
	one: PersonAccount;
	/** Whether a code is being given. */
	giving: boolean;
	/** Gives a code; `reset` takes the password away. */
	onGive: (reset: boolean) => void;
	/** Whether there is mail. */
	mail: boolean;
	/** Whether a letter is being asked for. */
	inviting: boolean;
	/** Sends a code by mail; `reset` takes the password away. */
	onInvite: (reset: boolean) => void;
}) {
	const { t } = useTranslation();
	const server = useServer();
	const queryClient = useQueryClient();
	const sentence = useErrorSentence();
	const [asked, setAsked] = useState<Asked | null>(null);
	const act = useMutation({
		mutationFn: (task: () => Promise<void>) => task(),
		onSettled: () => queryClient.invalidateQueries({ queryKey: ["accounts"] }),
	});
	const { account } = one;
	const manages = one.may.includes("manage_account");
	const yes = () => {
		if (asked === null || account === null) return;
		switch (asked.what) {
			case "reset":
				return onGive(true);
			case "invite":
				return onInvite(true);
			case "disable":
				return act.mutate(() => switchAccount(server, account, "disable"));
			case "unlink":
				return act.mutate(() => unlinkAccount(server, account));
			case "secondFactor":
				return act.mutate(() => removeSecondFactor(server, account));
			case "end":
				return act.mutate(() => endRole(server, account, asked.role.id));
		}
	};
	return (
		<section aria-label={one.name} className={classes.person}>
			<div className={classes.block}>
				<h2>{one.name}</h2>
				<p className={classes.lead}>
					{[one.login, one.places[0]?.unit.name, one.places[0]?.position]
						.filter((part) => part !== undefined && part !== null)
						.join(", ")}
				</p>
				<State one={one} />
			</div>
			{act.isError && <Banner tone="bad">{sentence(act.error)}</Banner>}
			{account !== null && (
				<HeldRoles
					account={account}
					grants={one.may.includes("grant_roles")}
					onEnd={(role) => setAsked({ what: "end", role })}
				/>
			)}
			{account !== null && (
				<LinkedWith
					account={account}
					manages={manages}
					onUnlink={() => setAsked({ what: "unlink" })}
				/>
			)}
			{!manages && (
				<p className={classes.block}>
					{t(one.own ? "accounts.ownText" : "accounts.aboveText")}
				</p>
			)}
			{manages && (
				<div className={classes.keys}>
					{one.state === "disabled" ? (
						<Button
							leftSection={
								<IconLockOpen size={20} stroke={1.9} aria-hidden="true" />
							}
							loading={act.isPending}
							onClick={() =>
								account !== null &&
								act.mutate(() => switchAccount(server, account, "enable"))
							}
						>
							{t("accounts.enable")}
						</Button>
					) : (
						<Button
							leftSection={
								<IconKey size={20} stroke={1.9} aria-hidden="true" />
							}
							loading={giving}
							onClick={() =>
								one.state === "active"
									? setAsked({ what: "reset" })
									: onGive(false)
							}
						>
							{t(
								one.state === "none"
									? "accounts.giveOne"
									: "accounts.giveAgain",
							)}
						</Button>
					)}
					{mail && one.has_address && one.state !== "disabled" && (
						<Button
							leftSection={
								<IconMail size={20} stroke={1.9} aria-hidden="true" />
							}
							loading={inviting}
							onClick={() =>
								one.state === "active"
									? setAsked({ what: "invite" })
									: onInvite(false)
							}
						>
							{t(
								one.state === "active"
									? "accounts.mailAgain"
									: "accounts.invite",
							)}
						</Button>
					)}
					{account !== null && (
						<SecondFactorKey
							account={account}
							busy={act.isPending}
							onPress={() => setAsked({ what: "secondFactor" })}
						/>
					)}
					{account !== null && one.state !== "disabled" && (
						<Button
							className={classes.danger}
							leftSection={
								<IconLock size={20} stroke={1.9} aria-hidden="true" />
							}
							loading={act.isPending}
							onClick={() => setAsked({ what: "disable" })}
						>
							{t("accounts.disable")}
						</Button>
					)}
				</div>
			)}
			<Question
				opened={asked !== null}
				title={t(`accounts.ask.${asked?.what ?? "reset"}.title`)}
				no={t("accounts.ask.no")}
				yes={t(`accounts.ask.${asked?.what ?? "reset"}.yes`)}
				testId="account-yes"
				onClose={() => setAsked(null)}
				onYes={yes}
			>
				{t(`accounts.ask.${asked?.what ?? "reset"}.text`, { name: one.name })}
			</Question>
		</section>
	);
}

/** Takes the second factor away, where there is one. */
function SecondFactorKey({
	account,
	busy,
	onPress,
}: {
	account: string;
	busy: boolean;
	onPress: () => void;
}) {
	const { t } = useTranslation();
	const { data } = useQuery(accountQuery(useServer(), account));
	if (!data?.second_factor) return null;
	return (
		<Button
			leftSection={
				<IconDeviceMobileOff size={20} stroke={1.9} aria-hidden="true" />
			}
			loading={busy}
			onClick={onPress}
		>
			{t("accounts.removeSecondFactor")}
		</Button>
	);
}

/** The roles, each with its days and a key that ends it, and a form for one more. */
function HeldRoles({
	account,
	grants,
	onEnd,
}: {
	account: string;
	grants: boolean;
	onEnd: (role: HeldRole) => void;
}) {
	const { t } = useTranslation();
	const server = useServer();
	const query = useQuery(accountQuery(server, account));
	const [adds, setAdds] = useState(false);
	return (
		<div className={classes.block}>
			<div className={classes.blockHead}>
				<h3>{t("accounts.rolesByUnit")}</h3>
				{grants && !adds && (
					<Button size="sm" onClick={() => setAdds(true)}>
						{t("accounts.addRole")}
					</Button>
				)}
			</div>
			<Loaded query={query} what={t("accounts.rolesWhat")} rows={2}>
				{({ roles }) => (
					<ul className={classes.held}>
						{roles.length === 0 && <li>{t("accounts.noRole")}</li>}
						{roles.map((role) => (
							<li key={role.id}>
								<div>
									<b>{t(`role.${role.role}`)}</b>
									<p>{role.unit.name}</p>
									{role.by_provider && <p>{t("ownAccount.byProvider")}</p>}
									<p>
										{role.to === null
											? t("ownAccount.since", {
													from: formatIsoDay(role.from),
												})
											: t("ownAccount.span", {
													from: formatIsoDay(role.from),
													to: formatIsoDay(role.to),
												})}
									</p>
								</div>
								{grants && (
									<Button
										size="sm"
										aria-label={t("accounts.endRoleOf", {
											role: t(`role.${role.role}`),
											unit: role.unit.name,
										})}
										onClick={() => onEnd(role)}
									>
										{t("accounts.endRole")}
									</Button>
								)}
							</li>
						))}
					</ul>
				)}
			</Loaded>
			{adds && <NewRoleForm account={account} onDone={() => setAdds(false)} />}
		</div>
	);
}

/** By whom else they sign in, and the key that ends it; nothing when by nobody. */
function LinkedWith({
	account,
	manages,
	onUnlink,
}: {
	account: string;
	manages: boolean;
	onUnlink: () => void;
}) {
	const { t } = useTranslation();
	const server = useServer();
	const { data } = useQuery(accountQuery(server, account));
	const labels = data?.linked.map(({ label, host }) => label ?? host) ?? [];
	if (labels.length === 0) return null;
	return (
		<div className={classes.block}>
			<div className={classes.blockHead}>
				<h3>{t("accounts.linkedTitle")}</h3>
				{manages && (
					<Button
						size="sm"
						aria-label={t("accounts.unlinkOf", { label: labels.join(", ") })}
						onClick={onUnlink}
					>
						{t("accounts.ask.unlink.yes")}
					</Button>
				)}
			</div>
			<p>{labels.join(", ")}</p>
		</div>
	);
}
