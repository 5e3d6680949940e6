import { Button, Checkbox, TextInput } from "@mantine/core";
import { IconPlus, IconSearch } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { formatDateTime, formatIsoDay, matches } from "@/format";
import { Banner, Card, Empty, Loaded, Page, Tag } from "@/kit";
import { Question } from "@/kit/Question";
import type { RegisteredPoint } from "@/protocol/generated/RegisteredPoint";
import { asApiError, useErrorSentence, useServer } from "@/session";
import { Only } from "@/session/Only";
import { may, useMe } from "@/session/useMe";
import { closePoint, registerQuery } from "../api";
import { PointForm } from "./PointForm";
import classes from "./Points.module.css";

/** The register of bridge points, for those who look after them. */
export function Points() {
	const { t } = useTranslation();
	const me = useMe();
	return (
		<Only
			may={may(me, "manage_points")}
			title={t("points.title")}
			refusal={t("points.notYours")}
			whose={t("points.whoMay")}
		>
			<Register />
		</Only>
	);
}

function Register() {
	const { t } = useTranslation();
	const server = useServer();
	const query = useQuery(registerQuery(server));
	const [find, setFind] = useState("");
	const [showsClosed, setShowsClosed] = useState(false);
	const [edited, setEdited] = useState<RegisteredPoint | "new" | null>(null);
	return (
		<Page
			title={t("points.title")}
			lead={t("points.lead")}
			aside={
				<Button
					variant="filled"
					leftSection={<IconPlus size={18} aria-hidden="true" />}
					onClick={() => setEdited("new")}
				>
					{t("points.add")}
				</Button>
			}
		>
			<Loaded
				query={query}
				what={t("points.what")}
				rows={8}
				frame={(waiting) => <Card>{waiting}</Card>}
			>
				{(points) => {
					const shown = points.filter(
						(one) =>
							(showsClosed || !one.closed) &&
							matches(
								`${one.point.number} ${one.point.code} ${one.point.name} ${one.host?.unit.name ?? ""}`,
								find,
							),
					);
					return (
						<>
							<div className={classes.filters}>
								<TextInput
									type="search"
									aria-label={t("points.find")}
									placeholder={t("points.findHint")}
									leftSection={<IconSearch size={20} aria-hidden="true" />}
									value={find}
									onChange={(event) => setFind(event.currentTarget.value)}
								/>
								<p role="status">
									{t("points.count", { count: shown.length })}
								</p>
								<Checkbox
									label={t("points.showClosed")}
									checked={showsClosed}
									onChange={(event) =>
										setShowsClosed(event.currentTarget.checked)
									}
								/>
							</div>
							{shown.length === 0 ? (
								<Card>
									<Empty title={t("points.none")}>{t("points.noneText")}</Empty>
								</Card>
							) : (
								<ul className={classes.list}>
									{shown.map((one) => (
										<Row
											key={one.point.code}
											one={one}
											onEdit={() => setEdited(one)}
										/>
									))}
								</ul>
							)}
							{edited !== null && (
								<PointForm
									point={edited === "new" ? null : edited}
									number={
										Math.max(0, ...points.map(({ point }) => point.number)) + 1
									}
									onClose={() => setEdited(null)}
								/>
							)}
						</>
					);
				}}
			</Loaded>
		</Page>
	);
}

/** A point: number, who hosts it, whom it serves, its rooms. */
function Row({ one, onEdit }: { one: RegisteredPoint; onEdit: () => void }) {
	const { t } = useTranslation();
	const server = useServer();
	const queryClient = useQueryClient();
	const say = useErrorSentence();
	const [asks, setAsks] = useState(false);
	const close = useMutation({
		mutationFn: (evenInUse: boolean) =>
			closePoint(server, one.point.code, evenInUse),
		onSuccess: () =>
			queryClient.invalidateQueries({ queryKey: ["bridge-points"] }),
	});
	const inUse = asApiError(close.error)?.code === "point_in_use";
	const seats = one.rooms.reduce((sum, room) => sum + room.seats, 0);
	return (
		<li>
			<Card className={classes.row}>
				<span className={`fig ${classes.plate}`}>{one.point.number}</span>
				<div className={classes.name}>
					<h2>
						{one.closed ? <s>{one.point.name}</s> : one.point.name}{" "}
						{one.main && <Tag tone="info">{t("points.main")}</Tag>}
						{one.closed && <Tag>{t("points.closed")}</Tag>}
					</h2>
					<p className="fig">{one.point.code}</p>
				</div>
				<div className={classes.units}>
					<p>
						{one.host === null
							? t("points.noHost")
							: t("points.hostedBy", {
									unit: one.host.unit.name,
									day: formatIsoDay(one.host.from),
								})}
					</p>
					<small>
						{one.host?.to
							? t("points.hostUntil", { day: formatIsoDay(one.host.to) })
							: one.served.length > 0 &&
								t("points.serves", {
									count: one.served.length,
									units: one.served
										.slice(0, 3)
										.map(({ unit }) => unit.name)
										.join(", "),
								})}
					</small>
				</div>
				<div className={classes.units}>
					<p>
						{one.rooms.length === 0
							? t("points.noRooms")
							: t("points.rooms", { count: one.rooms.length, seats })}
					</p>
					<small>
						{one.last_seen_us === null
							? t("points.neverSeen")
							: t("points.seen", { time: formatDateTime(one.last_seen_us) })}
					</small>
				</div>
				<div className={classes.keys}>
					{one.may.includes("edit") && (
						<Button size="sm" onClick={onEdit}>
							{t("points.edit")}
						</Button>
					)}
					{one.may.includes("close") && (
						<Button
							size="sm"
							loading={close.isPending}
							onClick={() => setAsks(true)}
						>
							{t("points.close")}
						</Button>
					)}
				</div>
			</Card>
			{close.isError && (
				<Banner
					tone={inUse ? "warn" : "bad"}
					action={
						inUse && (
							<Button size="sm" onClick={() => close.mutate(true)}>
								{t("points.closeAnyway")}
							</Button>
						)
					}
				>
					{say(close.error)}
				</Banner>
			)}
			<Question
				opened={asks}
				title={t("points.closeTitle", { name: one.point.name })}
				no={t("points.keep")}
				yes={t("points.close")}
				testId="close-yes"
				onClose={() => setAsks(false)}
				onYes={() => close.mutate(false)}
			>
				<p>{t("points.closeText")}</p>
			</Question>
		</li>
	);
}
