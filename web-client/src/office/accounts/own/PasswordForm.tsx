import { Button, PasswordInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { formatDate } from "@/format";
import { Banner, Section } from "@/kit";
import { ApiError, useErrorSentence, useServer } from "@/session";
import { changePassword, ownAccountQuery } from "../api";
import classes from "./OwnAccount.module.css";

/** Changes the password; the present one is asked for, and typed twice is the new one. */
export function PasswordForm({
	login,
	changedUs,
}: {
	login: string;
	changedUs: number;
}) {
	const { t } = useTranslation();
	const server = useServer();
	const queryClient = useQueryClient();
	const sentence = useErrorSentence();
	const [present, setPresent] = useState("");
	const [wanted, setWanted] = useState("");
	const [again, setAgain] = useState("");
	const [looked, setLooked] = useState(false);
	const presentField = useRef<HTMLInputElement>(null);

	const change = useMutation({
		mutationFn: () => changePassword(server, present, wanted),
		onSuccess: () => {
			setPresent("");
			setWanted("");
			setAgain("");
			setLooked(false);
			return queryClient.invalidateQueries(ownAccountQuery(server));
		},
		onError: () => presentField.current?.select(),
	});
	const code = change.error instanceof ApiError ? change.error.code : null;
	const differ = again !== "" && again !== wanted;

	const submit = (event: FormEvent) => {
		event.preventDefault();
		setLooked(true);
		if (present !== "" && wanted !== "" && again === wanted) change.mutate();
	};

	const field = {
		size: "md",
		required: true,
		withAsterisk: false,
		visibilityToggleButtonProps: {
			"aria-label": t("ownAccount.show"),
			tabIndex: 0,
		},
	} as const;
	return (
		<Section title={t("ownAccount.password")}>
			<form className={classes.form} onSubmit={submit} noValidate>
				<p className={classes.hint}>
					{t("ownAccount.changed", { date: formatDate(changedUs) })}
				</p>
				{/* For those who keep passwords: whose it is. */}
				<input
					className="vh"
					type="text"
					autoComplete="username"
					value={login}
					readOnly
					tabIndex={-1}
					aria-hidden="true"
				/>
				<PasswordInput
					{...field}
					ref={presentField}
					label={t("ownAccount.present")}
					value={present}
					onChange={(event) => setPresent(event.currentTarget.value)}
					autoComplete="current-password"
					aria-invalid={code === "wrong_present_password" || undefined}
					error={
						looked && present === ""
							? t("ownAccount.presentMissing")
							: code === "wrong_present_password"
								? sentence(change.error)
								: null
					}
				/>
				<PasswordInput
					{...field}
					label={t("ownAccount.wanted")}
					description={t("ownAccount.rule")}
					value={wanted}
					onChange={(event) => setWanted(event.currentTarget.value)}
					autoComplete="new-password"
					aria-invalid={code === "bad_password" || undefined}
					error={
						looked && wanted === ""
							? t("ownAccount.wantedMissing")
							: code === "bad_password"
								? sentence(change.error)
								: null
					}
				/>
				<PasswordInput
					{...field}
					label={t("ownAccount.again")}
					value={again}
					onChange={(event) => setAgain(event.currentTarget.value)}
					autoComplete="new-password"
					aria-invalid={(looked && differ) || undefined}
					error={
						looked && wanted !== "" && again !== wanted
							? t("ownAccount.differ")
							: null
					}
				/>
				{change.isError &&
					code !== "wrong_present_password" &&
					code !== "bad_password" && (
						<Banner tone="bad">{sentence(change.error)}</Banner>
					)}
				{change.isSuccess && (
					<Banner tone="ok">{t("ownAccount.passwordChanged")}</Banner>
				)}
				<Button type="submit" variant="filled" loading={change.isPending}>
					{t("ownAccount.change")}
				</Button>
				<p className={classes.hint}>{t("ownAccount.changeEnds")}</p>
			</form>
		</Section>
	);
}
