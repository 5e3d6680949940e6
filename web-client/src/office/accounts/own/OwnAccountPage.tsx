import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { formatIsoDay } from "@/format";
import { Card, Loaded, Page, Section } from "@/kit";
import type { OwnAccount } from "@/protocol/generated/OwnAccount";
import { useServer } from "@/session";
import { Only } from "@/session/Only";
import { may, useMe } from "@/session/useMe";
import { ownAccountQuery } from "../api";
import { External } from "./External";
import classes from "./OwnAccount.module.css";
import { PasswordForm } from "./PasswordForm";
import { SecondFactorSection } from "./SecondFactorSection";
import { SignIns } from "./SignIns";

/** One's own account: who one is here, the password, and where one is signed in. */
export function OwnAccountPage() {
	const { t } = useTranslation();
	const me = useMe();
	return (
		<Only
			may={may(me, "keep_own_account")}
			title={t("ownAccount.title")}
			refusal={t("ownAccount.notYours")}
			whose={t("ownAccount.whoMay")}
		>
			<Own />
		</Only>
	);
}

function Own() {
	const { t } = useTranslation();
	const server = useServer();
	const query = useQuery(ownAccountQuery(server));
	return (
		<Page title={t("ownAccount.title")} lead={t("ownAccount.lead")}>
			<Loaded
				query={query}
				what={t("ownAccount.what")}
				rows={6}
				frame={(waiting) => <Card>{waiting}</Card>}
			>
				{(account) => (
					<div className={classes.columns}>
						<div className={classes.column}>
							<Profile account={account} />
							<Card className={classes.box}>
								<SignIns signIns={account.sign_ins} />
							</Card>
						</div>
						<div className={classes.column}>
							<Card className={classes.box}>
								<SecondFactorSection login={account.login} />
							</Card>
							<Card className={classes.box}>
								<PasswordForm
									login={account.login}
									changedUs={account.password_changed_at_us}
								/>
							</Card>
							<External />
						</div>
					</div>
				)}
			</Loaded>
		</Page>
	);
}

function Profile({ account }: { account: OwnAccount }) {
	const { t } = useTranslation();
	return (
		<Card className={classes.box}>
			<Section title={account.name}>
				<dl className={classes.facts}>
					<div>
						<dt>{t("ownAccount.login")}</dt>
						<dd>{account.login}</dd>
					</div>
					<div>
						<dt>{t("ownAccount.places")}</dt>
						<dd>
							{account.places.length === 0 ? (
								t("ownAccount.noPlace")
							) : (
								<ul>
									{account.places.map((place) => (
										<li
											key={`${place.unit.code} ${place.from} ${place.position}`}
										>
											{place.unit.name}, {place.position}
											<Days from={place.from} to={place.to} />
										</li>
									))}
								</ul>
							)}
						</dd>
					</div>
					<div>
						<dt>{t("ownAccount.roles")}</dt>
						<dd>
							{account.roles.length === 0 ? (
								t("role.member")
							) : (
								<ul>
									{account.roles.map((held) => (
										<li key={held.id}>
											{t(`role.${held.role}`)}, {held.unit.name}
											<Days from={held.from} to={held.to} />
											{held.by_provider && (
												<span className={classes.days}>
													{t("ownAccount.byProvider")}
												</span>
											)}
										</li>
									))}
								</ul>
							)}
						</dd>
					</div>
				</dl>
				<p className={classes.hint}>{t("ownAccount.wrong")}</p>
			</Section>
		</Card>
	);
}

/** From when to when; both days are inside. */
function Days({ from, to }: { from: string; to: string | null }) {
	const { t } = useTranslation();
	return (
		<span className={classes.days}>
			{to === null
				? t("ownAccount.since", { from: formatIsoDay(from) })
				: t("ownAccount.span", {
						from: formatIsoDay(from),
						to: formatIsoDay(to),
					})}
		</span>
	);
}
