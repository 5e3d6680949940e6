import { Button } from "@mantine/core";
import {
	IconCalendarTime,
	IconCalendarX,
	IconClockPlus,
} from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { formatDateTime, formatDay, formatTime } from "@/format";
import { Banner, Card, Section } from "@/kit";
import type { Notice } from "@/protocol/generated/Notice";
import type { NoticeKind } from "@/protocol/generated/NoticeKind";
import { useErrorSentence, useServer } from "@/session";
import { noticesQuery, seeNotice } from "../api";
import classes from "./Notices.module.css";

const icons: Record<NoticeKind, typeof IconCalendarX> = {
	moved: IconCalendarTime,
	extended: IconClockPlus,
	cancelled: IconCalendarX,
};

/** What became of sessions to which one is invited, until it was seen. Nothing stands here when there is nothing to tell. */
export function Notices() {
	const { t } = useTranslation();
	const server = useServer();
	const sentence = useErrorSentence();
	const queryClient = useQueryClient();
	const query = useQuery(noticesQuery(server));
	const { queryKey } = noticesQuery(server);
	const see = useMutation({
		mutationFn: (id: string) => seeNotice(server, id),
		onSuccess: (_, id) => {
			queryClient.setQueryData(queryKey, (known) =>
				known?.filter((notice) => notice.id !== id),
			);
		},
		onSettled: () => queryClient.invalidateQueries({ queryKey }),
	});
	const notices = query.data ?? [];
	if (notices.length === 0) return null;
	return (
		<Section
			title={t("notices.title", { count: notices.length })}
			className={classes.section}
		>
			<Card>
				{see.isError && <Banner tone="bad">{sentence(see.error)}</Banner>}
				<ul className={classes.list}>
					{notices.map((notice) => (
						<Row
							key={notice.id}
							notice={notice}
							pending={see.isPending && see.variables === notice.id}
							onSeen={() => see.mutate(notice.id)}
						/>
					))}
				</ul>
			</Card>
		</Section>
	);
}

function Row({
	notice,
	pending,
	onSeen,
}: {
	notice: Notice;
	pending: boolean;
	onSeen: () => void;
}) {
	const { t, i18n } = useTranslation();
	const Icon = icons[notice.kind];
	const time = (fromUs: number, toUs: number) =>
		`${formatDay(fromUs, i18n.language)}, ${formatTime(fromUs)}–${formatTime(toUs)}`;
	const before = time(notice.starts_before_us, notice.ends_before_us);
	return (
		<li>
			<Icon size={24} stroke={1.9} aria-hidden="true" />
			<div>
				<p>
					<b>{t(`notices.kind.${notice.kind}`)}</b>{" "}
					<Link to="/s/$code" params={{ code: notice.session }}>
						{notice.title}
					</Link>
				</p>
				<p>
					<s>{before}</s>
					{notice.kind !== "cancelled" && (
						<>
							{" → "}
							<b>{time(notice.starts_after_us, notice.ends_after_us)}</b>
						</>
					)}
				</p>
				<small>
					{notice.reason !== null &&
						`${t("notices.reason", { reason: notice.reason })} `}
					{t(notice.by === null ? "notices.made" : "notices.madeBy", {
						by: notice.by ?? "",
						time: formatDateTime(notice.at_us),
					})}
				</small>
			</div>
			<Button
				size="sm"
				loading={pending}
				onClick={onSeen}
				aria-label={`${t("notices.seen")}: ${notice.title}`}
			>
				{t("notices.seen")}
			</Button>
		</li>
	);
}
