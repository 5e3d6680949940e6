import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { formatTime, sayDuration, seatNumber } from "@/format";
import { Card, Loaded, Section, useShown } from "@/kit";
import type { Attendee } from "@/protocol/generated/Attendee";
import type { Session } from "@/protocol/generated/Session";
import { useServer } from "@/session";
import { attendanceQuery } from "../api";
import classes from "./SessionPage.module.css";

/** The invited points by their seats, before the session. */
export function Points({ session }: { session: Session }) {
	const { t } = useTranslation();
	return (
		<Section title={t("session.pointCount", { count: session.invited.length })}>
			{session.invited.length === 0 ? (
				<Card className={classes.none}>{t("sessionPage.noPoints")}</Card>
			) : (
				<ol className={classes.plates}>
					{session.invited.map((point) => (
						<li key={point.code}>
							<span className="fig">{seatNumber(point.number)}</span>
							<b>{point.name}</b>
						</li>
					))}
				</ol>
			)}
		</Section>
	);
}

/** Who was there, from when to when and how long in all, by the seats of the points; guests after them. */
export function Attendance({ session }: { session: Session }) {
	const { t } = useTranslation();
	const server = useServer();
	const query = useQuery(attendanceQuery(server, session.code));
	const shown = useShown();
	const attendees = shown(query) ?? [];
	const rows = session.invited.map((point) => ({
		key: point.code,
		number: seatNumber(point.number),
		name: point.name,
		people: attendees.filter(
			({ bridge_point }) => bridge_point?.code === point.code,
		),
	}));
	const others = attendees.filter(
		({ bridge_point }) =>
			!session.invited.some(({ code }) => code === bridge_point?.code),
	);
	const present = rows.filter(({ people }) => people.length > 0).length;

	return (
		<Section
			title={t("sessionPage.attended", {
				present,
				invited: rows.length,
				count: attendees.length,
			})}
		>
			<Card>
				<Loaded query={query} what={t("sessionPage.attendanceWhat")} rows={6}>
					{() => (
						<table className={classes.attendance}>
							<caption className="vh">
								{t("sessionPage.attendanceWhat")}
							</caption>
							<thead>
								<tr>
									<th scope="col">
										<span className="vh">{t("point.number")}</span>
									</th>
									<th scope="col">{t("sessionPage.who")}</th>
									<th scope="col">{t("sessionPage.when")}</th>
									<th scope="col">{t("sessionPage.howLong")}</th>
								</tr>
							</thead>
							<tbody>
								{rows.map(({ key, number, name, people }) =>
									people.length === 0 ? (
										<tr key={key} data-absent>
											<td className="fig">{number}</td>
											<th scope="row">{name}</th>
											<td colSpan={2}>{t("sessionPage.absent")}</td>
										</tr>
									) : (
										people.map((one, index) => (
											<PresentRow
												key={`${key} ${one.name} ${one.first_us}`}
												number={index === 0 ? number : ""}
												name={name}
												one={one}
											/>
										))
									),
								)}
								{others.map((one) => (
									<PresentRow
										key={`${one.name} ${one.first_us}`}
										number={
											one.bridge_point
												? seatNumber(one.bridge_point.number)
												: ""
										}
										name={one.bridge_point?.name ?? null}
										one={one}
									/>
								))}
							</tbody>
						</table>
					)}
				</Loaded>
			</Card>
		</Section>
	);
}

/** A point's device stands under the point's name; a person under the own, with the point beside. */
function PresentRow({
	number,
	name,
	one,
}: {
	number: string;
	name: string | null;
	one: Attendee;
}) {
	const { t } = useTranslation();
	return (
		<tr>
			<td className="fig">{number}</td>
			<th scope="row">
				{name ?? one.name}
				{name !== null && name !== one.name && <small>{one.name}</small>}
				{one.role !== "point" && <small>{t(`sessionRole.${one.role}`)}</small>}
			</th>
			<td className="fig">
				{formatTime(one.first_us)}–{formatTime(one.last_us)}
			</td>
			<td>{sayDuration(t, one.present_us)}</td>
		</tr>
	);
}
