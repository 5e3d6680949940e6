import { TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { ButtonLink, Card, Empty, Loaded, NextPage, Page } from "@/kit";
import type { PersonSummary } from "@/protocol/generated/PersonSummary";
import { useServer } from "@/session";
import { Only } from "@/session/Only";
import { may, useMe } from "@/session/useMe";
import { peopleQuery } from "./api";
import { type PeopleFilter, readFilter } from "./filter";
import classes from "./People.module.css";
import { UnitField } from "./UnitField";

/** How long somebody types before it is looked for, in milliseconds. */
const TYPING_MS = 300;

/** Everybody at the units that one administers. */
export function People() {
	const { t } = useTranslation();
	const me = useMe();
	return (
		<Only
			may={may(me, "manage_people")}
			title={t("people.title")}
			refusal={t("people.notYours")}
			whose={t("people.whoMay")}
		>
			<List />
		</Only>
	);
}

function List() {
	const { t } = useTranslation();
	const server = useServer();
	const filter = useSearch({ from: "/known/shell/people" });
	const query = useInfiniteQuery({
		...peopleQuery(server, filter),
		placeholderData: keepPreviousData,
	});
	const found = query.data?.pages.flatMap(({ items }) => items);
	const chosen = filter.q !== undefined || filter.unit !== undefined;
	return (
		<Page
			title={t("people.title")}
			lead={t("people.lead")}
			aside={
				<>
					<ButtonLink to="/people/imports">{t("people.import")}</ButtonLink>
					<ButtonLink to="/people/new" variant="filled">
						{t("people.add")}
					</ButtonLink>
				</>
			}
		>
			<Choice filter={filter} />
			<Loaded
				query={{ ...query, data: found }}
				what={t("people.what")}
				rows={8}
				frame={(waiting) => <Card>{waiting}</Card>}
			>
				{(people) =>
					people.length === 0 ? (
						<Card>
							<Empty title={t(chosen ? "people.none" : "people.empty")}>
								{t(chosen ? "people.noneText" : "people.emptyText")}
							</Empty>
						</Card>
					) : (
						<>
							<Card className={classes.list}>
								<div className={classes.heads} aria-hidden="true">
									<span>{t("people.name")}</span>
									<span>{t("people.code")}</span>
									<span>{t("people.place")}</span>
									<span>{t("people.account")}</span>
								</div>
								<ul aria-busy={query.isPlaceholderData}>
									{people.map((person) => (
										<Row key={person.id} person={person} />
									))}
								</ul>
							</Card>
							<div className={classes.more}>
								<p role="status">
									{t(query.hasNextPage ? "people.shown" : "people.shownAll", {
										count: people.length,
									})}
								</p>
								<NextPage query={query}>{t("people.more")}</NextPage>
							</div>
						</>
					)
				}
			</Loaded>
		</Page>
	);
}

/** Who is looked for; it lives in the address. */
function Choice({ filter }: { filter: PeopleFilter }) {
	const { t } = useTranslation();
	const navigate = useNavigate({ from: "/people" });
	const [typed, setTyped] = useState(filter.q ?? "");
	useEffect(() => {
		if (typed.trim() === (filter.q ?? "")) return;
		const timer = setTimeout(() => {
			const search = readFilter({ ...filter, q: typed.trim() });
			void navigate({ search, replace: true });
		}, TYPING_MS);
		return () => clearTimeout(timer);
	}, [typed, filter, navigate]);
	return (
		<search className={classes.choice}>
			<TextInput
				type="search"
				label={t("people.search")}
				leftSection={<IconSearch size={20} stroke={1.9} aria-hidden="true" />}
				value={typed}
				autoComplete="off"
				spellCheck={false}
				onChange={(event) => setTyped(event.currentTarget.value)}
			/>
			<UnitField
				label={t("people.unit")}
				none={t("people.everyUnit")}
				value={filter.unit ?? ""}
				onChange={(unit) =>
					void navigate({
						search: readFilter({ ...filter, unit }),
						replace: true,
					})
				}
			/>
		</search>
	);
}

function Row({ person }: { person: PersonSummary }) {
	const { t } = useTranslation();
	return (
		<li className={classes.row}>
			<div className={classes.name}>
				<Link to="/people/$person" params={{ person: person.id }}>
					{person.name}
				</Link>
				{person.form_of_address && <small>{person.form_of_address}</small>}
			</div>
			<span className={`fig ${classes.code}`}>
				<span className="vh">{t("people.code")} </span>
				{person.code ?? "–"}
			</span>
			<ul className={classes.places}>
				{person.appointments.length === 0 && (
					<li className={classes.quiet}>{t("people.nowhere")}</li>
				)}
				{person.appointments.map(({ unit, position }) => (
					<li key={`${unit.code} ${position}`}>
						{unit.name}
						<small>{position}</small>
					</li>
				))}
			</ul>
			<span className={person.has_account ? undefined : classes.quiet}>
				<span className={classes.only}>{t("people.account")}: </span>
				{t(person.has_account ? "people.hasAccount" : "people.noAccount")}
			</span>
		</li>
	);
}
