import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { NewUnitChange } from "@/protocol/generated/NewUnitChange";
import type { PointSpec } from "@/protocol/generated/PointSpec";
import type { RegisteredPoint } from "@/protocol/generated/RegisteredPoint";
import type { UnitChange } from "@/protocol/generated/UnitChange";
import type { UnitChangeEffect } from "@/protocol/generated/UnitChangeEffect";
import type { UnitDetail } from "@/protocol/generated/UnitDetail";
import type { UnitFile } from "@/protocol/generated/UnitFile";
import type { UnitFileReading } from "@/protocol/generated/UnitFileReading";
import type { UnitTree } from "@/protocol/generated/UnitTree";
import { path, type Server } from "@/session";

const of = (day: string | undefined) =>
	day === undefined ? "" : path`?day=${day}`;

/** The tree of units of a day, today's when none is named. */
export const unitTreeQuery = (server: Server, day: string | undefined) =>
	queryOptions({
		queryKey: ["units", day],
		queryFn: ({ signal }) =>
			server.send<UnitTree>("GET", `units${of(day)}`, undefined, signal),
		staleTime: 30_000,
		// While another day is fetched, the one before stays in sight.
		placeholderData: keepPreviousData,
	});

/** A unit as it stood on a day. */
export const unitQuery = (
	server: Server,
	code: string,
	day: string | undefined,
) =>
	queryOptions({
		queryKey: ["units", day, code],
		queryFn: ({ signal }) =>
			server.send<UnitDetail>(
				"GET",
				path`units/${code}` + of(day),
				undefined,
				signal,
			),
		staleTime: 30_000,
	});

/** What a decision would write. */
export const previewChange = (
	server: Server,
	change: NewUnitChange,
	signal?: AbortSignal,
) =>
	server.send<UnitChangeEffect>("POST", "unit-changes/preview", change, signal);

/** Writes a decision. */
export const createChange = (server: Server, change: NewUnitChange) =>
	server.send<UnitChange>("POST", "unit-changes", change);

/** Every decision, the latest day first. */
export const changesQuery = (server: Server) =>
	queryOptions({
		queryKey: ["unit-changes"],
		queryFn: ({ signal }) => server.list<UnitChange>("unit-changes", signal),
	});

/** One decision, with what may be done with it. */
export const changeQuery = (server: Server, id: string) =>
	queryOptions({
		queryKey: ["unit-changes", id],
		queryFn: ({ signal }) =>
			server.send<UnitChange>(
				"GET",
				path`unit-changes/${id}`,
				undefined,
				signal,
			),
	});

/** Takes a decision back. */
export const undoChange = (server: Server, id: string) =>
	server.send<void>("POST", path`unit-changes/${id}/undo`);

/** What a file of units comes to. */
export const previewImport = (
	server: Server,
	file: UnitFile,
	signal?: AbortSignal,
) =>
	server.send<UnitFileReading>(
		"POST",
		"unit-changes/import/preview",
		file,
		signal,
	);

/** Writes a file of units as one decision. */
export const importUnits = (server: Server, file: UnitFile) =>
	server.send<UnitChange>("POST", "unit-changes/import", file);

/** The bridge points that one looks after, also closed ones. */
export const registerQuery = (server: Server) =>
	queryOptions({
		queryKey: ["bridge-points", "register"],
		queryFn: ({ signal }) =>
			server.list<RegisteredPoint>("bridge-points/register", signal),
	});

/** Adds a bridge point. */
export const addPoint = (server: Server, point: PointSpec) =>
	server.send<void>("POST", "bridge-points", point);

/** Changes a bridge point, as it was when `etag` was told. */
export const editPoint = (
	server: Server,
	code: string,
	etag: string,
	point: PointSpec,
) =>
	server.send<void>(
		"POST",
		path`bridge-points/${code}`,
		point,
		undefined,
		etag,
	);

/** Closes a bridge point. */
export const closePoint = (server: Server, code: string, evenInUse: boolean) =>
	server.send<void>("POST", path`bridge-points/${code}/close`, {
		even_in_use: evenInUse,
	});
