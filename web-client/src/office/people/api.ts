import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type { NewAppointment } from "@/protocol/generated/NewAppointment";
import type { NewPerson } from "@/protocol/generated/NewPerson";
import type { Page } from "@/protocol/generated/Page";
import type { Person } from "@/protocol/generated/Person";
import type { PersonNames } from "@/protocol/generated/PersonNames";
import type { PersonSummary } from "@/protocol/generated/PersonSummary";
import type { UnitRef } from "@/protocol/generated/UnitRef";
import { path, type Server } from "@/session";
import type { PeopleFilter } from "./filter";

/** The people of one's units by given name, page after page. */
export const peopleQuery = (server: Server, { q, unit }: PeopleFilter) =>
	infiniteQueryOptions({
		queryKey: ["people", q, unit],
		queryFn: ({ signal, pageParam }) => {
			const parts = [
				q === undefined ? "" : path`q=${q}`,
				unit === undefined ? "" : path`unit=${unit}`,
				pageParam === null ? "" : path`cursor=${pageParam}`,
			].filter((part) => part !== "");
			return server.send<Page<PersonSummary>>(
				"GET",
				parts.length === 0 ? "people" : `people?${parts.join("&")}`,
				undefined,
				signal,
			);
		},
		initialPageParam: null as string | null,
		getNextPageParam: ({ next }) => next,
	});

/** The units at which one may appoint somebody, by name. */
export const unitsQuery = (server: Server) =>
	queryOptions({
		queryKey: ["people", "units"],
		queryFn: ({ signal }) => server.list<UnitRef>("people/units", signal),
		staleTime: 5 * 60_000,
	});

/** Somebody with all their appointments. */
export const personQuery = (server: Server, id: string) =>
	queryOptions({
		queryKey: ["person", id],
		queryFn: ({ signal }) =>
			server.send<Person>("GET", path`people/${id}`, undefined, signal),
	});

/** Adds somebody. */
export const addPerson = (server: Server, person: NewPerson) =>
	server.send<Person>("POST", "people", person);

/** Changes what somebody is called, as it was when `etag` was told. */
export const editPerson = (
	server: Server,
	id: string,
	etag: string,
	names: PersonNames,
) => server.send<Person>("PUT", path`people/${id}`, names, undefined, etag);

/** Appoints somebody at one more unit. */
export const appoint = (
	server: Server,
	id: string,
	appointment: NewAppointment,
) => server.send<Person>("POST", path`people/${id}/appointments`, appointment);

/** Says which day of an appointment is the last. */
export const endAppointment = (
	server: Server,
	id: string,
	appointment: string,
	last_day: string,
) =>
	server.send<Person>(
		"POST",
		path`people/${id}/appointments/${appointment}/end`,
		{ last_day },
	);
