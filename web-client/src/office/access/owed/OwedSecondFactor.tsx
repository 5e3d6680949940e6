import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import {
	useNavigate,
	useRouteContext,
	useRouter,
	useSearch,
} from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Banner, useDocumentTitle } from "@/kit";
import { signOut, useErrorSentence, useServer } from "@/session";
import { newSecret } from "@/shared/second-factor/api";
import { RecoveryCodes } from "@/shared/second-factor/RecoveryCodes";
import { SetUp } from "@/shared/second-factor/SetUp";
import { Door } from "../Door";
import classes from "../Door.module.css";

/** Where somebody whose role demands a second factor sets it up; until then every other page leads here. */
export function OwedSecondFactor() {
	const { t } = useTranslation();
	useDocumentTitle(t("secondFactor.owed.title"));
	const server = useServer();
	const queryClient = useQueryClient();
	const router = useRouter();
	const navigate = useNavigate();
	const sentence = useErrorSentence();
	const { next } = useSearch({ from: "/second-factor" });
	const { me } = useRouteContext({ from: "/second-factor" });
	const [codes, setCodes] = useState<string[] | null>(null);
	const begin = useMutation({ mutationFn: () => newSecret(server) });

	const enter = () => {
		queryClient.clear();
		router.history.push(next ?? "/");
	};
	const leave = async () => {
		try {
			await signOut(server);
		} finally {
			queryClient.clear();
			await navigate({ to: "/sign-in" });
		}
	};
	const login = me.login ?? "";
	return (
		<Door>
			<div className={classes.form}>
				<h1>
					{t(
						codes === null
							? "secondFactor.owed.title"
							: "secondFactor.owed.after",
					)}
				</h1>
				<p>
					{codes === null
						? t("secondFactor.owed.lead", { name: me.name })
						: t("secondFactor.owed.afterLead")}
				</p>
				{codes !== null ? (
					<RecoveryCodes
						login={login}
						codes={codes}
						done={t("secondFactor.owed.enter")}
						onDone={enter}
					/>
				) : begin.data !== undefined ? (
					<SetUp login={login} secret={begin.data} onDone={setCodes} />
				) : (
					<>
						{begin.isError && (
							<Banner tone="bad">{sentence(begin.error)}</Banner>
						)}
						<Button
							variant="filled"
							size="lg"
							fullWidth
							loading={begin.isPending}
							onClick={() => begin.mutate()}
						>
							{t("secondFactor.owed.begin")}
						</Button>
					</>
				)}
				{codes === null && (
					<Button variant="subtle" onClick={() => void leave()}>
						{t("secondFactor.owed.leave")}
					</Button>
				)}
			</div>
		</Door>
	);
}
