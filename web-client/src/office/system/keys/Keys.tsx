import { Button } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";
import {
	useInfiniteQuery,
	useMutation,
	useQueryClient,
} from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { formatDate, formatDateTime } from "@/format";
import {
	Banner,
	Card,
	Empty,
	Loaded,
	NextPage,
	Status,
	type Tone,
} from "@/kit";
import { Question } from "@/kit/Question";
import type { ApiKey } from "@/protocol/generated/ApiKey";
import type { MadeApiKey } from "@/protocol/generated/MadeApiKey";
import { useErrorSentence, useServer } from "@/session";
import { keysQuery, revokeKey } from "../api";
import { System } from "../System";
import table from "../Table.module.css";
import classes from "./Keys.module.css";
import { MadeKey } from "./MadeKey";
import { NewKey } from "./NewKey";
import { sayScope } from "./scopes";

/** The keys by which other systems ask the interface: which there are, and a form for another. */
export function Keys() {
	const { t } = useTranslation();
	const [made, setMade] = useState<MadeApiKey | null>(null);
	return (
		<System title={t("system.keys.title")} act="manage_keys">
			<div className={classes.columns}>
				<List />
				{made === null ? (
					<NewKey onMade={setMade} />
				) : (
					<MadeKey made={made} onClose={() => setMade(null)} />
				)}
			</div>
		</System>
	);
}

function List() {
	const { t } = useTranslation();
	const query = useInfiniteQuery(keysQuery(useServer()));
	return (
		<Loaded
			query={query}
			what={t("system.keys.whatLoads")}
			rows={6}
			frame={(waiting) => <Card>{waiting}</Card>}
		>
			{({ pages }) => (
				<Table
					keys={pages.flatMap(({ items }) => items)}
					older={
						<NextPage query={query} className={classes.older}>
							{t("system.keys.older")}
						</NextPage>
					}
				/>
			)}
		</Loaded>
	);
}

function Table({
	keys,
	older,
}: {
	keys: ApiKey[];
	/** The key that shows older ones. */
	older: ReactNode;
}) {
	const { t } = useTranslation();
	const server = useServer();
	const queryClient = useQueryClient();
	const sentence = useErrorSentence();
	const [asked, setAsked] = useState<ApiKey | null>(null);
	const revoke = useMutation({
		mutationFn: (id: string) => revokeKey(server, id),
		onSettled: () => queryClient.invalidateQueries({ queryKey: ["api-keys"] }),
	});
	return (
		<Card className={classes.list}>
			<div className={classes.head}>
				<h2>{t("system.keys.list")}</h2>
				<p>{t("system.keys.newest")}</p>
			</div>
			{revoke.isError && <Banner tone="bad">{sentence(revoke.error)}</Banner>}
			{keys.length === 0 ? (
				<Empty title={t("system.keys.none")}>{t("system.keys.noneHint")}</Empty>
			) : (
				<table className={`${table.table} ${classes.table}`}>
					<caption className="vh">{t("system.keys.list")}</caption>
					<thead>
						<tr>
							<th scope="col">{t("system.keys.system")}</th>
							<th scope="col">{t("system.keys.scopes")}</th>
							<th scope="col">{t("system.keys.used")}</th>
							<th scope="col">{t("system.keys.state")}</th>
							<th scope="col">
								<span className="vh">{t("system.keys.revoke")}</span>
							</th>
						</tr>
					</thead>
					<tbody>
						{keys.map((key) => (
							<Row key={key.id} of={key} onRevoke={() => setAsked(key)} />
						))}
					</tbody>
				</table>
			)}
			{older}
			<Question
				opened={asked !== null}
				title={t("system.keys.askTitle", { name: asked?.name ?? "" })}
				no={t("system.keys.keep")}
				yes={t("system.keys.revoke")}
				testId="revoke-key"
				onClose={() => setAsked(null)}
				onYes={() => asked !== null && revoke.mutate(asked.id)}
			>
				<p>{t("system.keys.askText")}</p>
			</Question>
		</Card>
	);
}

const tones: Record<ApiKey["state"], Tone> = {
	active: "ok",
	expired: "none",
	revoked: "none",
	maker_gone: "warn",
};

function Row({ of, onRevoke }: { of: ApiKey; onRevoke: () => void }) {
	const { t } = useTranslation();
	return (
		<tr data-over={of.state !== "active" || undefined}>
			<th scope="row">
				{of.name}
				<small>{of.unit.name}</small>
				<small>
					{t("system.keys.madeBy", {
						name: of.made_by,
						date: formatDate(of.made_at_us),
					})}
				</small>
			</th>
			<td>
				<ul>
					{of.scopes.map((scope) => (
						<li key={scope}>{sayScope(t, scope)}</li>
					))}
				</ul>
			</td>
			<td className="fig">
				{of.last_used_us !== null && (
					<span className={classes.only}>{t("system.keys.used")} </span>
				)}
				{of.last_used_us === null
					? t("system.keys.neverUsed")
					: formatDateTime(of.last_used_us)}
			</td>
			<td>
				<Status tone={tones[of.state]}>
					{t(`system.keys.states.${of.state}`)}
				</Status>
				<small>
					{of.state === "maker_gone"
						? t("system.keys.makerGone")
						: of.state === "revoked" && of.revoked_at_us !== null
							? formatDateTime(of.revoked_at_us)
							: // The last moment, which lies on its last day.
								`${t("system.keys.until")} ${formatDate(of.expires_at_us - 1)}`}
				</small>
			</td>
			<td>
				{of.may.includes("revoke_key") && (
					<Button
						size="sm"
						leftSection={<IconKey size={18} stroke={1.9} aria-hidden="true" />}
						aria-label={t("system.keys.revokeOf", { name: of.name })}
						onClick={onRevoke}
					>
						{t("system.keys.revoke")}
					</Button>
				)}
			</td>
		</tr>
	);
}
