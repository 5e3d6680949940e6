import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { formatDate, parseDate } from "@/format";
import { Banner } from "@/kit";
import type { AccountRole } from "@/protocol/generated/AccountRole";
import { useErrorSentence, useServer } from "@/session";
import { administrationQuery, grantRole } from "../api";
import classes from "./Accounts.module.css";

/** "2026-11-17" of what somebody typed, `null` of nothing, `undefined` of what is no date. */
function isoDay(typed: string, nowUs: number): string | null | undefined {
	if (typed.trim() === "") return null;
	const us = parseDate(typed, nowUs);
	return us === null
		? undefined
		: formatDate(us).split("/").reverse().join("-");
}

/** Gives one more role: which, over which unit, from when to when. */
export function NewRoleForm({
	account,
	onDone,
}: {
	account: string;
	onDone: () => void;
}) {
	const { t } = useTranslation();
	const server = useServer();
	const queryClient = useQueryClient();
	const sentence = useErrorSentence();
	const { data } = useQuery(administrationQuery(server));
	const [role, setRole] = useState<AccountRole | "">("");
	const [unit, setUnit] = useState("");
	const [from, setFrom] = useState(formatDate(server.nowUs()));
	const [to, setTo] = useState("");
	const [looked, setLooked] = useState(false);
	const now = server.nowUs();
	const [first, last] = [isoDay(from, now), isoDay(to, now)];
	const give = useMutation({
		mutationFn: (wanted: { role: AccountRole; from: string }) =>
			grantRole(server, account, { ...wanted, unit, to: last ?? null }),
		onSuccess: async () => {
			await queryClient.invalidateQueries({ queryKey: ["accounts"] });
			onDone();
		},
	});
	const submit = (event: FormEvent) => {
		event.preventDefault();
		setLooked(true);
		if (role === "" || unit === "" || !first || last === undefined) return;
		give.mutate({ role, from: first });
	};
	return (
		<form className={classes.newRole} onSubmit={submit} noValidate>
			<NativeSelect
				size="md"
				label={t("accounts.role")}
				value={role}
				onChange={(event) => setRole(event.currentTarget.value as AccountRole)}
				error={looked && role === "" ? t("accounts.roleMissing") : null}
				data={[
					{ value: "", label: t("accounts.pick") },
					...(data?.roles ?? []).map((one) => ({
						value: one,
						label: t(`role.${one}`),
					})),
				]}
			/>
			<NativeSelect
				size="md"
				label={t("accounts.over")}
				value={unit}
				onChange={(event) => setUnit(event.currentTarget.value)}
				error={looked && unit === "" ? t("accounts.unitMissing") : null}
				data={[
					{ value: "", label: t("accounts.pick") },
					...(data?.units ?? []).map(({ unit, depth }) => ({
						value: unit.code,
						label: `${"\u2003".repeat(depth)}${unit.name}`,
					})),
				]}
			/>
			<div className={classes.days}>
				<TextInput
					label={t("accounts.from")}
					inputMode="numeric"
					value={from}
					onChange={(event) => setFrom(event.currentTarget.value)}
					error={looked && !first ? t("accounts.dayWrong") : null}
				/>
				<TextInput
					label={t("accounts.to")}
					placeholder={t("accounts.noEnd")}
					inputMode="numeric"
					value={to}
					onChange={(event) => setTo(event.currentTarget.value)}
					error={looked && last === undefined ? t("accounts.dayWrong") : null}
				/>
			</div>
			<p className={classes.lead}>{t("accounts.within")}</p>
			{give.isError && <Banner tone="bad">{sentence(give.error)}</Banner>}
			<div className={classes.formKeys}>
				<Button onClick={onDone}>{t("accounts.ask.no")}</Button>
				<Button type="submit" variant="filled" loading={give.isPending}>
					{t("accounts.addRole")}
				</Button>
			</div>
		</form>
	);
}
