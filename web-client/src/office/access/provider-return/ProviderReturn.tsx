import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter, useSearch } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Banner, ButtonLink, Loading, useDocumentTitle } from "@/kit";
import type { Me } from "@/protocol/generated/Me";
import { ApiError, meQuery, useErrorSentence, useServer } from "@/session";
import { comeBack } from "../api";
import { Door } from "../Door";
import classes from "../Door.module.css";
import { SecondStepPage } from "../second-step";

/** Of linking, which begins on the page of one's own account: there it is tried again. */
const ofLinking = ["identity_taken", "already_linked", "not_signed_in"];

/** Where the provider sends the browser back to: signs in, or links, and goes on; or says why not. */
export function ProviderReturn() {
	const { t } = useTranslation();
	useDocumentTitle(t("providerReturn.title"));
	const server = useServer();
	const queryClient = useQueryClient();
	const router = useRouter();
	const sentence = useErrorSentence();
	const { state, code, error, iss } = useSearch({ from: "/sign-in/provider" });
	const enter = (me: Me | null, next: string) => {
		queryClient.clear();
		if (me !== null) queryClient.setQueryData(meQuery(server).queryKey, me);
		router.history.replace(next);
	};
	const finish = useMutation({
		mutationFn: () =>
			comeBack(server, {
				state: state ?? "",
				code: code ?? null,
				error: error ?? null,
				iss: iss ?? null,
			}),
		onSuccess: ({ me, second_step: step, next }) => {
			if (step === null) enter(me, next);
		},
	});
	const { mutate } = finish;
	const asked = useRef(false);
	useEffect(() => {
		// A code is good for one asking.
		if (asked.current) return;
		asked.current = true;
		mutate();
	}, [mutate]);

	const refused = finish.error instanceof ApiError ? finish.error.code : "";
	if (finish.data !== undefined && finish.data.second_step !== null) {
		const { second_step: step, next } = finish.data;
		return (
			<SecondStepPage
				step={step}
				onDone={(me) => enter(me, next)}
				onBack={() => void router.navigate({ to: "/sign-in" })}
			/>
		);
	}
	return (
		<Door>
			<div className={classes.form}>
				<h1>{t("providerReturn.title")}</h1>
				{finish.isError ? (
					<>
						<Banner tone="bad">{sentence(finish.error)}</Banner>
						{ofLinking.includes(refused) ? (
							<ButtonLink to="/account">
								{t("providerReturn.toAccount")}
							</ButtonLink>
						) : (
							<ButtonLink to="/sign-in">
								{t("providerReturn.toSignIn")}
							</ButtonLink>
						)}
					</>
				) : (
					<Loading what={t("providerReturn.what")} />
				)}
			</div>
		</Door>
	);
}
