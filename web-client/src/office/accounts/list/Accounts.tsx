import { Button, Drawer, NativeSelect, TextInput } from "@mantine/core";
import { useDebouncedCallback, useMediaQuery } from "@mantine/hooks";
import { IconMail, IconPrinter, IconSearch } from "@tabler/icons-react";
import {
	useInfiniteQuery,
	useMutation,
	useQuery,
	useQueryClient,
} from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import {
	Banner,
	Card,
	Empty,
	Loaded,
	NextPage,
	Segmented,
	useDocumentTitle,
} from "@/kit";
import type { AccountCounts } from "@/protocol/generated/AccountCounts";
import type { PersonAccount } from "@/protocol/generated/PersonAccount";
import type { Slip } from "@/protocol/generated/Slip";
import { useErrorSentence, useServer } from "@/session";
import { Only } from "@/session/Only";
import { may, useMe } from "@/session/useMe";
import {
	accountsQuery,
	administrationQuery,
	giveCodes,
	sendInvitations,
} from "../api";
import classes from "./Accounts.module.css";
import { AccountTable, canGetCode } from "./AccountTable";
import { type AccountFilter, allStates, readFilter } from "./filter";
import { Panel } from "./Panel";
import { Slips } from "./Slips";

/** The accounts of the people below, for their administrators. */
export function Accounts() {
	const { t } = useTranslation();
	const me = useMe();
	return (
		<Only
			may={may(me, "list_accounts")}
			title={t("accounts.title")}
			refusal={t("accounts.notYours")}
			whose={t("accounts.whoMay")}
		>
			<Work />
		</Only>
	);
}

/** Choosing people; slips take the place of the list while they are printed. */
function Work() {
	const { t } = useTranslation();
	useDocumentTitle(t("accounts.title"));
	const server = useServer();
	const queryClient = useQueryClient();
	const navigate = useNavigate({ from: "/accounts" });
	const filter = useSearch({ from: "/known/shell/accounts" });
	const query = useInfiniteQuery({
		...accountsQuery(server, filter),
		// A letter that waits is looked after until it has gone.
		refetchInterval: ({ state }) =>
			state.data?.pages.some(({ items }) =>
				items.some(({ letter }) => letter?.state === "queued"),
			)
				? 5_000
				: false,
	});
	const mail = useQuery(administrationQuery(server)).data?.mail ?? false;
	const sentence = useErrorSentence();
	const [chosen, setChosen] = useState<ReadonlyMap<string, PersonAccount>>(
		new Map(),
	);
	const [opened, setOpened] = useState<string | null>(null);
	const [slips, setSlips] = useState<Slip[] | null>(null);
	const wide = useMediaQuery("(min-width: 1101px)", true, {
		getInitialValueInEffect: false,
	});

	const give = useMutation({
		mutationFn: ({ people, reset }: { people: string[]; reset: boolean }) =>
			giveCodes(server, people, reset),
		onSuccess: (given) => {
			setSlips(given);
			setChosen(new Map());
			return queryClient.invalidateQueries({ queryKey: ["accounts"] });
		},
	});
	const invite = useMutation({
		mutationFn: ({ people, reset }: { people: string[]; reset: boolean }) =>
			sendInvitations(server, people, reset),
		onSuccess: () => {
			setChosen(new Map());
			return queryClient.invalidateQueries({ queryKey: ["accounts"] });
		},
	});
	const change = (part: Partial<Record<keyof AccountFilter, string>>) => {
		setChosen(new Map());
		void navigate({
			search: (before) => readFilter({ ...before, ...part }),
			replace: true,
		});
	};

	if (slips !== null) {
		return <Slips slips={slips} onBack={() => setSlips(null)} />;
	}
	const people = query.data?.pages.flatMap(({ items }) => items) ?? [];
	const counts = query.data?.pages[0]?.counts ?? null;
	const one = people.find(({ person }) => person === opened);
	const panel = one && (
		<Panel
			key={one.person}
			one={one}
			giving={give.isPending}
			onGive={(reset) => give.mutate({ people: [one.person], reset })}
			mail={mail}
			inviting={invite.isPending}
			onInvite={(reset) => invite.mutate({ people: [one.person], reset })}
		/>
	);
	return (
		<div className={classes.page}>
			<Head filter={filter} onChange={change} />
			{give.isError && <Banner tone="bad">{sentence(give.error)}</Banner>}
			{invite.isError && <Banner tone="bad">{sentence(invite.error)}</Banner>}
			<div className={classes.columns} data-alone={(wide && !one) || undefined}>
				<Card className={classes.list}>
					<States filter={filter} counts={counts} onChange={change} />
					{chosen.size > 0 && (
						<Chosen
							chosen={[...chosen.values()]}
							giving={give.isPending}
							onGive={(ready) => give.mutate({ people: ready, reset: false })}
							mail={mail}
							inviting={invite.isPending}
							onInvite={(ready) =>
								invite.mutate({ people: ready, reset: false })
							}
							onClear={() => setChosen(new Map())}
						/>
					)}
					<Loaded query={query} what={t("accounts.what")} rows={8}>
						{() =>
							people.length === 0 ? (
								<Empty title={t("accounts.nobody")}>
									{t("accounts.nobodyText")}
								</Empty>
							) : (
								<div className={classes.scroll}>
									<AccountTable
										people={people}
										opened={one?.person}
										chosen={chosen}
										onOpen={setOpened}
										onChoose={(person, choose) => {
											const next = new Map(chosen);
											if (choose) next.set(person.person, person);
											else next.delete(person.person);
											setChosen(next);
										}}
									/>
									<NextPage query={query} className={classes.more}>
										{t("accounts.more")}
									</NextPage>
								</div>
							)
						}
					</Loaded>
				</Card>
				{wide && panel && <Card className={classes.panel}>{panel}</Card>}
			</div>
			{!wide && (
				<Drawer
					opened={one !== undefined}
					onClose={() => setOpened(null)}
					position="right"
					size="min(100%, 436px)"
					padding={0}
					title={<span className="vh">{one?.name}</span>}
					closeButtonProps={{ "aria-label": t("kit.close"), size: 44 }}
				>
					{panel}
				</Drawer>
			)}
		</div>
	);
}

type Change = (part: Partial<Record<keyof AccountFilter, string>>) => void;

/** The title, the unit, and what is searched for. */
function Head({
	filter,
	onChange,
}: {
	filter: AccountFilter;
	onChange: Change;
}) {
	const { t } = useTranslation();
	const server = useServer();
	const { data } = useQuery(administrationQuery(server));
	const [typed, setTyped] = useState(filter.q ?? "");
	const search = useDebouncedCallback((q: string) => onChange({ q }), 300);
	const units = data?.units ?? [];
	return (
		<div className={classes.head}>
			<h1>{t("accounts.title")}</h1>
			<NativeSelect
				size="md"
				aria-label={t("accounts.unit")}
				value={filter.unit ?? ""}
				onChange={(event) => onChange({ unit: event.currentTarget.value })}
				data={[
					{ value: "", label: t("accounts.everyUnit") },
					...units.map(({ unit, depth }) => ({
						value: unit.code,
						label: `${"\u2003".repeat(depth)}${unit.name}`,
					})),
				]}
			/>
			<TextInput
				type="search"
				aria-label={t("accounts.search")}
				placeholder={t("accounts.search")}
				leftSection={<IconSearch size={20} stroke={1.9} aria-hidden="true" />}
				value={typed}
				onChange={(event) => {
					setTyped(event.currentTarget.value);
					search(event.currentTarget.value);
				}}
			/>
		</div>
	);
}

/** How many accounts stand how, and those that are looked at. */
function States({
	filter,
	counts,
	onChange,
}: {
	filter: AccountFilter;
	counts: AccountCounts | null;
	onChange: Change;
}) {
	const { t } = useTranslation();
	const all =
		counts && allStates.reduce((sum, state) => sum + counts[state], 0);
	const label = (name: "all" | (typeof allStates)[number], count?: number) =>
		count === undefined
			? t(`accounts.tab.${name}`)
			: t("accounts.tabCount", { name: t(`accounts.tab.${name}`), count });
	return (
		<div className={classes.states}>
			<Segmented
				label={t("accounts.state")}
				hideLabel
				value={filter.state ?? "all"}
				onChange={(state) => onChange({ state: state === "all" ? "" : state })}
				options={[
					{ value: "all" as const, label: label("all", all ?? undefined) },
					...allStates.map((state) => ({
						value: state,
						label: label(state, counts?.[state]),
					})),
				]}
			/>
			<p>{t("accounts.order")}</p>
		</div>
	);
}

/** The most codes that the server gives at a press. */
const mostCodes = 200;

/** What is done with those who were chosen; the key counts whom it reaches, and a line says who is left out. */
function Chosen({
	chosen,
	giving,
	onGive,
	mail,
	inviting,
	onInvite,
	onClear,
}: {
	chosen: PersonAccount[];
	giving: boolean;
	onGive: (people: string[]) => void;
	/** Whether there is mail. */
	mail: boolean;
	inviting: boolean;
	onInvite: (people: string[]) => void;
	onClear: () => void;
}) {
	const { t } = useTranslation();
	const ready = chosen.filter(({ state }) => state !== "active");
	const left = chosen.length - ready.length;
	const reached = mail ? ready.filter((one) => one.has_address) : [];
	const unreached = mail ? ready.length - reached.length : 0;
	return (
		// biome-ignore lint/a11y/useSemanticElements: no field set; keys for what was chosen above and below.
		<div className={classes.chosen} role="group" aria-label={t("accounts.do")}>
			<p>
				<b>{t("accounts.chosen", { count: chosen.length })}</b>
				{left > 0 && <span>{t("accounts.leftOut", { count: left })}</span>}
				{unreached > 0 && (
					<span>{t("accounts.noAddress", { count: unreached })}</span>
				)}
			</p>
			<Button size="sm" variant="subtle" onClick={onClear}>
				{t("accounts.clear")}
			</Button>
			<Button
				size="sm"
				loading={giving}
				disabled={ready.length === 0 || ready.length > mostCodes}
				leftSection={<IconPrinter size={18} stroke={1.9} aria-hidden="true" />}
				onClick={() =>
					onGive(ready.filter(canGetCode).map(({ person }) => person))
				}
			>
				{t("accounts.give", { count: ready.length })}
			</Button>
			{reached.length > 0 && (
				<Button
					size="sm"
					loading={inviting}
					disabled={reached.length > mostCodes}
					leftSection={<IconMail size={18} stroke={1.9} aria-hidden="true" />}
					onClick={() =>
						onInvite(reached.filter(canGetCode).map(({ person }) => person))
					}
				>
					{t("accounts.inviteMany", { count: reached.length })}
				</Button>
			)}
		</div>
	);
}
