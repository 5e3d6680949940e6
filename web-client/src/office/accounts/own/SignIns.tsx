import { Button } from "@mantine/core";
import { IconDeviceDesktop, IconDeviceMobile } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { formatDateTime } from "@/format";
import { Banner, Section, Tag } from "@/kit";
import type { OwnSignIn } from "@/protocol/generated/OwnSignIn";
import { useErrorSentence, useServer } from "@/session";
import { endOtherSignIns, endSignIn, ownAccountQuery } from "../api";
import { browserName } from "./browserName";
import classes from "./OwnAccount.module.css";

/** Where one is signed in; each other browser can be signed out from here. */
export function SignIns({ signIns }: { signIns: OwnSignIn[] }) {
	const { t } = useTranslation();
	const server = useServer();
	const queryClient = useQueryClient();
	const sentence = useErrorSentence();
	const end = useMutation({
		mutationFn: (id: string | null) =>
			id === null ? endOtherSignIns(server) : endSignIn(server, id),
		// Also when it was refused: it may be over already.
		onSettled: () => queryClient.invalidateQueries(ownAccountQuery(server)),
	});
	const others = signIns.filter(({ here }) => !here);
	return (
		<Section
			title={t("ownAccount.signIns", { count: signIns.length })}
			aside={
				others.length > 1 && (
					<Button
						size="sm"
						loading={end.isPending && end.variables === null}
						onClick={() => end.mutate(null)}
					>
						{t("ownAccount.endOthers", { count: others.length })}
					</Button>
				)
			}
		>
			{end.isError && <Banner tone="bad">{sentence(end.error)}</Banner>}
			<ul className={classes.signIns}>
				{signIns.map((one) => (
					<Row
						key={one.id}
						one={one}
						ending={end.isPending && end.variables === one.id}
						onEnd={() => end.mutate(one.id)}
					/>
				))}
			</ul>
			<p className={classes.hint}>{t("ownAccount.strange")}</p>
		</Section>
	);
}

function Row({
	one,
	ending,
	onEnd,
}: {
	one: OwnSignIn;
	ending: boolean;
	onEnd: () => void;
}) {
	const { t } = useTranslation();
	const { browser, system, handheld } = browserName(one.browser);
	const name =
		browser === null && system === null
			? t("ownAccount.unknownBrowser")
			: [browser, system].filter((part) => part !== null).join(", ");
	const Picture = handheld ? IconDeviceMobile : IconDeviceDesktop;
	return (
		<li>
			<Picture size={24} stroke={1.9} aria-hidden="true" />
			<div>
				<p className={classes.browser}>
					{name} {one.here && <Tag tone="ok">{t("ownAccount.here")}</Tag>}
				</p>
				<p className={classes.hint}>
					{one.address !== null && (
						<>
							{t("ownAccount.address", { address: one.address })}
							{". "}
						</>
					)}
					{t("ownAccount.sinceAndSeen", {
						since: formatDateTime(one.since_us),
						seen: formatDateTime(one.last_seen_us),
					})}
				</p>
			</div>
			{!one.here && (
				<Button
					size="sm"
					loading={ending}
					onClick={onEnd}
					aria-label={t("ownAccount.endOf", { browser: name })}
				>
					{t("ownAccount.end")}
				</Button>
			)}
		</li>
	);
}
