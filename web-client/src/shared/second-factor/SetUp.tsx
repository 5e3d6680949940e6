import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Banner } from "@/kit";
import { Qr } from "@/kit/Qr";
import { ApiError, useErrorSentence, useServer } from "@/session";
import { confirmSecret } from "./api";
import { CodeField, sixDigits } from "./CodeField";
import classes from "./SecondFactor.module.css";

/** What an application reads of a QR code: whose secret, where, and the secret. */
const addressOf = (product: string, login: string, secret: string): string => {
	const [issuer, whose] = [product, login].map(encodeURIComponent);
	return `otpauth://totp/${issuer}:${whose}?secret=${secret}&issuer=${issuer}`;
};

/** A new secret, as a picture and as text, and a field for its first code. */
export function SetUp({
	login,
	secret,
	onDone,
}: {
	login: string;
	secret: string;
	/** The second factor is on; these are the recovery codes. */
	onDone: (codes: string[]) => void;
}) {
	const { t } = useTranslation();
	const server = useServer();
	const sentence = useErrorSentence();
	const [code, setCode] = useState("");
	const [looked, setLooked] = useState(false);
	const address = addressOf(t("product"), login, secret);
	const digits = sixDigits(code);
	const confirm = useMutation({
		mutationFn: (digits: string) => confirmSecret(server, digits),
		onSuccess: onDone,
	});
	const submit = (event: FormEvent) => {
		event.preventDefault();
		setLooked(true);
		if (digits !== null) confirm.mutate(digits);
	};
	// What is wrong with the code stands beside it; anything else, below.
	const isOfCode =
		confirm.error instanceof ApiError && confirm.error.status === 422;
	return (
		<form className={classes.form} onSubmit={submit} noValidate>
			<ol className={classes.steps}>
				<li>{t("secondFactor.install")}</li>
				<li>
					{t("secondFactor.scan")}
					<div className={classes.secret}>
						<Qr text={address} label={t("secondFactor.qr")} />
						<div>
							<p className={classes.hint}>{t("secondFactor.byHand")}</p>
							<p className={classes.groups}>
								{secret.match(/.{1,4}/g)?.map((group, at) => (
									// biome-ignore lint/suspicious/noArrayIndexKey: the groups of a secret never move.
									<span key={at}>{group}</span>
								))}
							</p>
							<p className={classes.hint}>
								<a href={address}>{t("secondFactor.here")}</a>
							</p>
						</div>
					</div>
				</li>
				<li>{t("secondFactor.type")}</li>
			</ol>
			<CodeField
				label={t("secondFactor.code")}
				value={code}
				onChange={setCode}
				error={
					looked && digits === null
						? t("secondFactor.codeShape")
						: isOfCode
							? sentence(confirm.error)
							: null
				}
			/>
			{confirm.isError && !isOfCode && (
				<Banner tone="bad">{sentence(confirm.error)}</Banner>
			)}
			<Button
				type="submit"
				variant="filled"
				size="lg"
				loading={confirm.isPending}
			>
				{t("secondFactor.turnOn")}
			</Button>
		</form>
	);
}
