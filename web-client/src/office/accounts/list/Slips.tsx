import { Button, Checkbox } from "@mantine/core";
import { IconAlertTriangle, IconPrinter } from "@tabler/icons-react";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { formatDate, formatDateTime } from "@/format";
import { Mark, useDocumentTitle } from "@/kit";
import { Qr } from "@/kit/Qr";
import type { Slip } from "@/protocol/generated/Slip";
import { useServer } from "@/session";
import { useBranding } from "@/session/useBranding";
import { useMe } from "@/session/useMe";
import classes from "./Slips.module.css";

/** How many slips a sheet of A4 has. */
const perSheet = 8;
/** How many people a sheet of the list to sign has. */
const perList = 24;

/** The slips of those who were given a code, on sheets as they are printed. The codes are nowhere else: leaving loses them. */
export function Slips({
	slips,
	onBack,
}: {
	slips: Slip[];
	onBack: () => void;
}) {
	const { t } = useTranslation();
	const [withList, setWithList] = useState(true);
	const [apart, setApart] = useState(false);
	const [printed, setPrinted] = useState(false);
	useDocumentTitle(t("slips.title", { count: slips.length }));
	useEffect(() => {
		if (printed) return;
		const stay = (event: BeforeUnloadEvent) => event.preventDefault();
		window.addEventListener("beforeunload", stay);
		return () => window.removeEventListener("beforeunload", stay);
	}, [printed]);

	const sheets = (apart ? byUnit(slips) : [slips]).flatMap((some) =>
		chunks(some, perSheet),
	);
	const lists = withList ? chunks(slips, perList) : [];
	const total = sheets.length + lists.length;
	const until = slips[0]?.expires_at_us ?? 0;
	return (
		<div className={classes.page}>
			<section
				className={classes.desk}
				aria-label={t("slips.sheets")}
				// biome-ignore lint/a11y/noNoninteractiveTabindex: wider than a phone, it is scrolled by the arrows.
				tabIndex={0}
			>
				{sheets.map((some, index) => (
					<Sheet key={some[0]?.login} number={index + 1} of={total} cut>
						<div className={classes.slips}>
							{some.map((slip) => (
								<OneSlip key={slip.login} slip={slip} />
							))}
						</div>
					</Sheet>
				))}
				{lists.map((some, index) => (
					<Sheet
						key={`list ${some[0]?.login}`}
						number={sheets.length + index + 1}
						of={total}
					>
						<SigningList slips={some} first={index * perList + 1} />
					</Sheet>
				))}
			</section>
			<aside className={classes.side} aria-label={t("slips.print")}>
				<h1>{t("slips.title", { count: slips.length })}</h1>
				<p className={classes.once}>
					<IconAlertTriangle size={20} stroke={1.9} aria-hidden="true" />
					<span>{t("slips.once")}</span>
				</p>
				<dl className={classes.facts}>
					<div>
						<dt>{t("slips.order")}</dt>
						<dd>{t("slips.byUnitAndName")}</dd>
					</div>
					<div>
						<dt>{t("slips.good")}</dt>
						<dd>{t("slips.goodUntil", { date: formatDate(until) })}</dd>
					</div>
				</dl>
				<Checkbox
					label={t("slips.withList")}
					checked={withList}
					onChange={(event) => setWithList(event.currentTarget.checked)}
				/>
				<Checkbox
					label={t("slips.apart")}
					checked={apart}
					onChange={(event) => setApart(event.currentTarget.checked)}
				/>
				<h2>{t("slips.handing")}</h2>
				<ol className={classes.steps}>
					<li>{t("slips.step1")}</li>
					<li>{t("slips.step2")}</li>
					<li>{t("slips.step3")}</li>
				</ol>
				<div className={classes.keys}>
					<Button
						variant="filled"
						size="lg"
						leftSection={
							<IconPrinter size={24} stroke={1.9} aria-hidden="true" />
						}
						onClick={() => {
							setPrinted(true);
							window.print();
						}}
					>
						{t("slips.printSheets", { count: total })}
					</Button>
					<Button onClick={onBack}>{t("slips.back")}</Button>
				</div>
			</aside>
		</div>
	);
}

/** A sheet of A4 with its head. */
function Sheet({
	number,
	of,
	cut,
	children,
}: {
	number: number;
	of: number;
	cut?: boolean;
	children: ReactNode;
}) {
	const { t } = useTranslation();
	const me = useMe();
	const { name: department } = useBranding();
	const { nowUs } = useServer();
	const [printedUs] = useState(nowUs);
	return (
		<div className={classes.sheet}>
			<p className={classes.head}>
				<span>
					{department && `${department}. `}
					{t("slips.head")}
				</span>
				<span>
					{t("slips.printedBy", {
						time: formatDateTime(printedUs),
						name: me.name,
						number,
						of,
					})}
					{cut && ` ${t("slips.cut")}`}
				</span>
			</p>
			{children}
		</div>
	);
}

function OneSlip({ slip }: { slip: Slip }) {
	const { t } = useTranslation();
	const { emblem } = useBranding();
	const address = firstSignIn(slip);
	return (
		<article className={classes.slip} aria-label={slip.name}>
			<p className={classes.unit}>
				<Mark width={24} own={emblem} />
				<b>{slip.unit?.name}</b>
			</p>
			<div className={classes.who}>
				<h3>{slip.name}</h3>
				<p>{slip.position}</p>
				<dl>
					<dt>{t("slips.login")}</dt>
					<dd>{slip.login}</dd>
					<dt>{t("slips.code")}</dt>
					<dd className={classes.code}>{slip.code}</dd>
				</dl>
			</div>
			<div className={classes.qr}>
				<Qr text={address} label={t("slips.qr", { name: slip.name })} />
				<p>
					{t("slips.before")} <b>{formatDate(slip.expires_at_us)}</b>
				</p>
			</div>
			<ol>
				<li>
					{t("slips.how1")} <b>{`${window.location.host}/first`}</b>
				</li>
				<li>{t("slips.how2")}</li>
				<li>{t("slips.how3")}</li>
			</ol>
		</article>
	);
}

/** Where a slip leads. What stands behind the number sign never leaves the browser: opening the address spends nothing. */
const firstSignIn = ({ login, code }: Slip): string =>
	`${window.location.origin}/first#${new URLSearchParams({ login, code })}`;

/** Who receives a slip signs here. */
function SigningList({ slips, first }: { slips: Slip[]; first: number }) {
	const { t } = useTranslation();
	return (
		<div className={classes.signing}>
			<h3>{t("slips.list")}</h3>
			<table>
				<thead>
					<tr>
						<th scope="col">{t("slips.number")}</th>
						<th scope="col">{t("slips.name")}</th>
						<th scope="col">{t("slips.unit")}</th>
						<th scope="col">{t("slips.login")}</th>
						<th scope="col">{t("slips.day")}</th>
						<th scope="col">{t("slips.signed")}</th>
					</tr>
				</thead>
				<tbody>
					{slips.map((slip, index) => (
						<tr key={slip.login}>
							<td className="fig">{first + index}</td>
							<th scope="row">{slip.name}</th>
							<td>{slip.unit?.name}</td>
							<td>{slip.login}</td>
							<td />
							<td />
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}

/** The slips of each unit by itself; they come by unit. */
function byUnit(slips: Slip[]): Slip[][] {
	const units = new Map<string | undefined, Slip[]>();
	for (const slip of slips) {
		const known = units.get(slip.unit?.code);
		if (known) known.push(slip);
		else units.set(slip.unit?.code, [slip]);
	}
	return [...units.values()];
}

function chunks<T>(all: T[], size: number): T[][] {
	return Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
		all.slice(index * size, (index + 1) * size),
	);
}
