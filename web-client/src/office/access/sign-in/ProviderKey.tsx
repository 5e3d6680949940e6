import { Button } from "@mantine/core";
import { IconIdBadge2 } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Banner } from "@/kit";
import { leaveFor, useErrorSentence, useServer } from "@/session";
import { leaveToSignIn, providerQuery } from "../api";
import classes from "../Door.module.css";

/** The second way in: by the provider of the settings, if there is one. When it is down, the first way stays. */
export function ProviderKey({ next }: { next: string | undefined }) {
	const { t } = useTranslation();
	const server = useServer();
	const queryClient = useQueryClient();
	const sentence = useErrorSentence();
	const { data: provider } = useQuery(providerQuery(server));
	const leave = useMutation({
		mutationFn: () => leaveToSignIn(server, next),
		onSuccess: ({ address }) => leaveFor(address),
		onSettled: () => queryClient.invalidateQueries(providerQuery(server)),
	});
	if (!provider) return null;
	return (
		<div className={classes.other}>
			<p className={classes.or}>{t("signIn.or")}</p>
			<Button
				type="button"
				size="lg"
				fullWidth
				leftSection={<IconIdBadge2 size={20} stroke={1.9} aria-hidden="true" />}
				loading={leave.isPending}
				onClick={() => leave.mutate()}
			>
				{provider.name}
			</Button>
			{leave.isError ? (
				<Banner tone="bad">{sentence(leave.error)}</Banner>
			) : (
				provider.down && (
					<Banner tone="warn">{t("problem.provider_down")}</Banner>
				)
			)}
		</div>
	);
}
