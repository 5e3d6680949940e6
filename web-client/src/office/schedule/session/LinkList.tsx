import { Button } from "@mantine/core";
import { IconLinkOff } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { formatDateTime, formatTime, seatName } from "@/format";
import { Banner, Loaded } from "@/kit";
import type { LinkSummary } from "@/protocol/generated/LinkSummary";
import { useErrorSentence, useServer } from "@/session";
import { useNow } from "@/session/useNow";
import { linksQuery, revokeLink } from "../api";
import classes from "./Links.module.css";

/** Every link that was given away: for whom, when made and by whom, whether used, until when; each can be taken back. */
export function LinkList({
	code,
	onRevoked,
}: {
	code: string;
	onRevoked: (id: string) => void;
}) {
	const { t } = useTranslation();
	const server = useServer();
	const now = useNow(30_000);
	const query = useQuery(linksQuery(server, code));
	return (
		<Loaded query={query} what={t("links.what")} rows={1}>
			{(links) => (
				<section aria-label={t("links.given")}>
					<h3 className={classes.given}>
						{t("links.givenCount", { count: links.length })}
					</h3>
					{links.length === 0 ? (
						<p className={classes.hint}>{t("links.none")}</p>
					) : (
						<ul className={classes.list}>
							{links.map((link) => (
								<LinkRow
									key={link.id}
									code={code}
									link={link}
									holds={
										link.revoked_at_us === null && now < link.expires_at_us
									}
									onRevoked={onRevoked}
								/>
							))}
						</ul>
					)}
				</section>
			)}
		</Loaded>
	);
}

function LinkRow({
	code,
	link,
	holds,
	onRevoked,
}: {
	code: string;
	link: LinkSummary;
	holds: boolean;
	onRevoked: (id: string) => void;
}) {
	const { t } = useTranslation();
	const server = useServer();
	const queryClient = useQueryClient();
	const sentence = useErrorSentence();
	const [asked, setAsked] = useState(false);
	const revoke = useMutation({
		mutationFn: () => revokeLink(server, link.id),
		onSuccess: () => onRevoked(link.id),
		onSettled: () => queryClient.invalidateQueries(linksQuery(server, code)),
	});
	const { bridge_point: point } = link;
	const whom = point
		? seatName(point)
		: `${t(`sessionRole.${link.role}`)}: ${link.name ?? t("session.anyName")}`;
	const used =
		link.first_used_at_us === null
			? t("links.unused")
			: t("links.used", { time: formatDateTime(link.first_used_at_us) });

	return (
		<li data-dead={!holds || undefined}>
			<div>
				<b>{whom}</b>
				<p>
					{link.purpose !== "join" && `${t(`links.purpose.${link.purpose}`)}. `}
					{t("links.made", {
						time: formatDateTime(link.created_at_us),
						whom: link.created_by ?? t("links.terminal"),
					})}
					. {used}.{" "}
					{link.revoked_at_us !== null
						? t("links.revokedAt", { time: formatDateTime(link.revoked_at_us) })
						: holds
							? t("links.until", { time: formatDateTime(link.expires_at_us) })
							: t("links.ran", { time: formatDateTime(link.expires_at_us) })}
				</p>
			</div>
			{holds ? (
				!asked && (
					<Button
						size="sm"
						aria-label={`${t("links.revoke")}: ${whom}, ${formatTime(link.created_at_us)}`}
						onClick={() => setAsked(true)}
					>
						{t("links.revoke")}
					</Button>
				)
			) : (
				<IconLinkOff size={20} stroke={1.9} aria-hidden="true" />
			)}
			{asked && holds && (
				<div className={classes.ask} role="alert">
					<p>
						{t(
							link.first_used_at_us === null
								? "links.askRevokeUnused"
								: "links.askRevoke",
						)}
					</p>
					<Button
						size="sm"
						color="red"
						variant="outline"
						loading={revoke.isPending}
						onClick={() => revoke.mutate()}
					>
						{t("links.revoke")}
					</Button>
					<Button size="sm" onClick={() => setAsked(false)}>
						{t("create.cancel")}
					</Button>
				</div>
			)}
			{revoke.isError && <Banner tone="bad">{sentence(revoke.error)}</Banner>}
		</li>
	);
}
