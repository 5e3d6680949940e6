import { Button, PasswordInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { formatDateTime } from "@/format";
import { Banner, Card, Section } from "@/kit";
import type { ExternalIdentity } from "@/protocol/generated/ExternalIdentity";
import { ApiError, leaveFor, useErrorSentence, useServer } from "@/session";
import { externalQuery, leaveToLink, unlinkOwn } from "../api";
import classes from "./OwnAccount.module.css";

/** What one's own account is linked with, where there is a provider of sign-ins: by that one signs in without the password. */
export function External() {
	const { t } = useTranslation();
	const server = useServer();
	const queryClient = useQueryClient();
	const sentence = useErrorSentence();
	const { data: external } = useQuery(externalQuery(server));
	const [password, setPassword] = useState("");
	const [looked, setLooked] = useState(false);
	const linked = external?.linked ?? [];
	const unlinks = linked.length > 0;

	const act = useMutation({
		mutationFn: async () => {
			const shown = password === "" ? null : password;
			if (unlinks) return unlinkOwn(server, shown);
			const { address } = await leaveToLink(server, shown);
			leaveFor(address);
		},
		onSuccess: () => {
			setPassword("");
			setLooked(false);
		},
		onSettled: () => queryClient.invalidateQueries(externalQuery(server)),
	});
	if (!external || (external.provider === null && !unlinks)) return null;
	const asks = external.asks_password;
	const code = act.error instanceof ApiError ? act.error.code : null;
	const submit = (event: FormEvent) => {
		event.preventDefault();
		setLooked(true);
		if (!asks || password !== "") act.mutate();
	};
	return (
		<Card className={classes.box}>
			<Section title={t("external.title")}>
				<form className={classes.form} onSubmit={submit} noValidate>
					{unlinks ? (
						<ul>
							{linked.map((one) => (
								<Linked key={`${one.host} ${one.linked_at_us}`} one={one} />
							))}
						</ul>
					) : (
						<p className={classes.hint}>
							{t("external.none", { provider: external.provider ?? "" })}
						</p>
					)}
					{asks && (
						<PasswordInput
							size="md"
							label={t("ownAccount.present")}
							description={t("external.whyPassword")}
							value={password}
							onChange={(event) => setPassword(event.currentTarget.value)}
							autoComplete="current-password"
							required
							withAsterisk={false}
							visibilityToggleButtonProps={{
								"aria-label": t("ownAccount.show"),
								tabIndex: 0,
							}}
							aria-invalid={code === "wrong_present_password" || undefined}
							error={
								looked && password === ""
									? t("ownAccount.presentMissing")
									: code === "wrong_present_password"
										? sentence(act.error)
										: null
							}
						/>
					)}
					{act.isError && code !== "wrong_present_password" && (
						<Banner tone="bad">{sentence(act.error)}</Banner>
					)}
					<Button type="submit" loading={act.isPending}>
						{t(unlinks ? "external.unlink" : "external.link")}
					</Button>
					<p className={classes.hint}>
						{t(unlinks ? "external.signOut" : "external.only")}
					</p>
				</form>
			</Section>
		</Card>
	);
}

/** One identity: what it is called there, and since when it is linked. */
function Linked({ one }: { one: ExternalIdentity }) {
	const { t } = useTranslation();
	return (
		<li>
			<p className={classes.browser}>
				{one.label === null
					? one.host
					: t("external.of", { label: one.label, host: one.host })}
			</p>
			<p className={classes.days}>
				{one.last_used_us === null
					? t("external.since", { since: formatDateTime(one.linked_at_us) })
					: t("external.sinceAndUsed", {
							since: formatDateTime(one.linked_at_us),
							used: formatDateTime(one.last_used_us),
						})}
			</p>
		</li>
	);
}
