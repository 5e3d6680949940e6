import { Drawer } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { formatSeconds, seatName } from "@/format";
import {
	Banner,
	Card,
	Empty,
	Loaded,
	Segmented,
	useDocumentTitle,
} from "@/kit";
import type { PointStatus } from "@/protocol/generated/PointStatus";
import { useReach, useServer } from "@/session";
import { Only } from "@/session/Only";
import { may, useMe } from "@/session/useMe";
import { useNow } from "@/session/useNow";
import { pointStatusQuery } from "@/shared/point/api";
import { Board } from "./Board";
import { worstFirst } from "./board";
import classes from "./Monitor.module.css";
import { PointDetail } from "./PointDetail";

type Filter = "all" | "look" | "idle";

/** All bridge points, for those who look after them. */
export function Monitor() {
	const { t } = useTranslation();
	const me = useMe();
	return (
		<Only
			may={may(me, "open_monitor")}
			title={t("monitor.title")}
			refusal={t("monitor.notYours")}
			whose={t("monitor.whoMay")}
		>
			<Watch />
		</Only>
	);
}

/** Asks every five seconds. */
function Watch() {
	const { t } = useTranslation();
	useDocumentTitle(t("monitor.title"));
	// Whoever opens a point while the line is bad gets its chart.
	useEffect(() => void import("./HistoryChart").catch(() => undefined), []);
	const server = useServer();
	const query = useQuery(pointStatusQuery(server));
	return (
		<Loaded
			query={query}
			what={t("monitor.what")}
			rows={8}
			frame={(waiting) => (
				<div className={classes.page}>
					<Card>
						<h1 className="vh">{t("monitor.title")}</h1>
						{waiting}
					</Card>
				</div>
			)}
		>
			{(points) => <Points points={points} answer={query.dataUpdatedAt} />}
		</Loaded>
	);
}

/** The worst on top, and one of them in detail beside it. */
function Points({
	points,
	answer,
}: {
	points: PointStatus[];
	/** Changes with every answer. */
	answer: number;
}) {
	const { t } = useTranslation();
	const now = useNow(1_000);
	const silent = useReach().state !== "reached";
	const answeredAt = useAnsweredAt(answer);
	const wide = useMediaQuery("(min-width: 1101px)", true, {
		// Known before the first look: a narrow screen asks for the history of no point.
		getInitialValueInEffect: false,
	});
	const [filter, setFilter] = useState<Filter>("all");
	const [chosen, setChosen] = useState<string | null>(null);
	const { ordered, hold, release } = useSteadyOrder(points);

	const count = (...states: PointStatus["state"][]) =>
		ordered.filter(({ state }) => states.includes(state)).length;
	const rows = ordered.filter(({ state }) =>
		filter === "all"
			? true
			: filter === "idle"
				? state === "idle"
				: state === "lost" || state === "weak",
	);
	const selected =
		ordered.find(({ point }) => point.code === chosen) ??
		(wide ? ordered[0] : undefined);
	const lost = ordered.filter(({ state }) => state === "lost");

	return (
		<div className={classes.page} data-silent={silent || undefined}>
			<div className={classes.figures}>
				{(["good", "weak", "lost", "idle"] as const).map((state) => (
					<Card key={state} className={classes.figure}>
						<p>{t(`point.${state}`)}</p>
						<span className="fig">{count(state)}</span>
					</Card>
				))}
				{lost.length > 0 && (
					<div className={classes.alert}>
						<Banner tone="bad">
							<b>{t("monitor.lost", { count: lost.length })}</b>{" "}
							{lost
								.slice(0, 3)
								.map(({ point }) => seatName(point))
								.join(", ")}
						</Banner>
					</div>
				)}
			</div>
			<div className={classes.columns}>
				<Card className={classes.board}>
					<div className={classes.head}>
						<h1>{t("monitor.heading", { count: ordered.length })}</h1>
						<p>
							{t("monitor.updated", {
								time: formatSeconds(answeredAt),
							})}
						</p>
						<Segmented
							label={t("monitor.filter")}
							hideLabel
							value={filter}
							onChange={setFilter}
							options={[
								{
									value: "all",
									label: t("monitor.all", { count: ordered.length }),
								},
								{
									value: "look",
									label: t("monitor.look", { count: count("lost", "weak") }),
								},
								{
									value: "idle",
									label: t("monitor.idle", { count: count("idle") }),
								},
							]}
						/>
					</div>
					{rows.length === 0 ? (
						<Empty title={t("monitor.none")} />
					) : (
						// biome-ignore lint/a11y/noStaticElementInteractions: holds the order of rows while somebody reads or aims.
						<div
							className={classes.scroll}
							onMouseEnter={hold}
							onMouseLeave={release}
							onFocus={hold}
							onBlur={release}
						>
							<Board
								rows={rows}
								now={now}
								selected={selected?.point.code}
								onSelect={setChosen}
							/>
						</div>
					)}
				</Card>
				{wide && selected && (
					<Card className={classes.detail}>
						<PointDetail key={selected.point.code} status={selected} />
					</Card>
				)}
			</div>
			{!wide && (
				<Drawer
					opened={selected !== undefined}
					onClose={() => setChosen(null)}
					position="right"
					size="min(100%, 436px)"
					padding={0}
					title={<span className="vh">{selected?.point.name}</span>}
					closeButtonProps={{
						"aria-label": t("kit.close"),
						size: 44,
					}}
				>
					{selected && (
						<PointDetail key={selected.point.code} status={selected} />
					)}
				</Drawer>
			)}
		</div>
	);
}

/** When the server last answered, by its own clock, in microseconds UTC. */
function useAnsweredAt(answer: number): number {
	const { nowUs } = useServer();
	const [at, setAt] = useState(nowUs);
	// biome-ignore lint/correctness/useExhaustiveDependencies: each answer is noted.
	useEffect(() => setAt(nowUs()), [answer]);
	return at;
}

/** Worst first, but nothing moves under the hand: while held, rows keep their places and only their values change. */
function useSteadyOrder(points: PointStatus[]) {
	const [held, setHeld] = useState(false);
	const order = useRef<string[]>([]);
	const ordered = worstFirst(points);
	if (held) {
		const place = (status: PointStatus) => {
			const index = order.current.indexOf(status.point.code);
			return index < 0 ? Number.MAX_SAFE_INTEGER : index;
		};
		ordered.sort((a, b) => place(a) - place(b));
	}
	return {
		ordered,
		hold: () => {
			order.current = ordered.map(({ point }) => point.code);
			setHeld(true);
		},
		release: () => setHeld(false),
	};
}
