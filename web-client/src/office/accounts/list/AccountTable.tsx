import { Checkbox } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { formatDate, formatIsoDay, formatTime } from "@/format";
import { Status } from "@/kit";
import type { PersonAccount } from "@/protocol/generated/PersonAccount";
import { useNow } from "@/session/useNow";
import classes from "./Accounts.module.css";

/** Whether a code can be given to somebody, as far as the caller's rights go. */
export const canGetCode = ({ may, state }: PersonAccount): boolean =>
	may.includes("manage_account") && state !== "disabled";

/** The people, one a row; a row beyond one's rights shows a lock and says why. */
export function AccountTable({
	people,
	opened,
	chosen,
	onOpen,
	onChoose,
}: {
	people: PersonAccount[];
	/** The person whose panel is open. */
	opened: string | undefined;
	chosen: ReadonlyMap<string, PersonAccount>;
	onOpen: (person: string) => void;
	onChoose: (person: PersonAccount, choose: boolean) => void;
}) {
	const { t } = useTranslation();
	return (
		<table className={classes.table}>
			<thead>
				<tr>
					<th scope="col">
						<span className="vh">{t("accounts.choose")}</span>
					</th>
					<th scope="col">{t("accounts.who")}</th>
					<th scope="col">{t("accounts.place")}</th>
					<th scope="col">{t("accounts.state")}</th>
					<th scope="col">{t("accounts.roles")}</th>
					<th scope="col">{t("accounts.seen")}</th>
				</tr>
			</thead>
			<tbody>
				{people.map((one) => (
					<tr
						key={`${one.person} ${one.account}`}
						data-opened={one.person === opened || undefined}
						data-chosen={chosen.has(one.person) || undefined}
					>
						<td>
							{canGetCode(one) ? (
								<Checkbox
									aria-label={t("accounts.chooseOne", { name: one.name })}
									checked={chosen.has(one.person)}
									onChange={(event) =>
										onChoose(one, event.currentTarget.checked)
									}
								/>
							) : (
								<Locked one={one} />
							)}
						</td>
						<th scope="row">
							<button
								type="button"
								className={classes.name}
								aria-expanded={one.person === opened}
								onClick={() => onOpen(one.person)}
							>
								{one.name}
							</button>
							<small>{one.login ?? t("accounts.noLogin")}</small>
						</th>
						<td>
							{one.places[0]?.unit.name}
							{one.places.length > 1 && (
								<small>
									{t("accounts.andPlaces", { count: one.places.length - 1 })}
								</small>
							)}
						</td>
						<td className={classes.stands}>
							<State one={one} />
						</td>
						<td>
							<Roles one={one} />
						</td>
						<td className={classes.when}>
							{one.last_seen_us !== null && (
								<>
									{formatDate(one.last_seen_us)}
									<small>{formatTime(one.last_seen_us)}</small>
								</>
							)}
						</td>
					</tr>
				))}
			</tbody>
		</table>
	);
}

/** Why nothing can be done with a row from here. */
function Locked({ one }: { one: PersonAccount }) {
	const { t } = useTranslation();
	const why = one.own
		? t("accounts.lockOwn")
		: one.may.includes("manage_account")
			? t("accounts.lockDisabled")
			: t("accounts.lockAbove");
	return (
		<span className={classes.lock} title={why}>
			<IconLock size={20} stroke={1.9} aria-hidden="true" />
			<span className="vh">{why}</span>
		</span>
	);
}

/** How an account stands, and what became of the letter that invites to it. */
export function State({ one }: { one: PersonAccount }) {
	return (
		<>
			<Standing one={one} />
			<Letter one={one} />
		</>
	);
}

/** What became of a letter, as long as it matters: why it failed, that it waits, or when it went to somebody who has not come yet. */
function Letter({ one: { letter, state } }: { one: PersonAccount }) {
	const { t } = useTranslation();
	if (letter === null) return null;
	const why = letter.failure && t(`accounts.letter.why.${letter.failure}`);
	switch (letter.state) {
		case "failed":
			return (
				<>
					<Status tone="bad">{t("accounts.letter.failed")}</Status>
					<small>{why}</small>
				</>
			);
		case "queued":
			return (
				<small>
					{why
						? t("accounts.letter.waitsFor", { why })
						: t("accounts.letter.queued")}
				</small>
			);
		case "sent":
			return (
				state === "invited" && (
					<small>
						{t("accounts.letter.sent", { date: formatDate(letter.at_us) })}
					</small>
				)
			);
	}
}

/** A code that is over is an exception. */
function Standing({ one }: { one: PersonAccount }) {
	const { t } = useTranslation();
	const now = useNow(60_000);
	const until = one.code_expires_at_us;
	switch (one.state) {
		case "none":
			return <Status tone="none">{t("accounts.none")}</Status>;
		case "active":
			return <Status tone="ok">{t("accounts.active")}</Status>;
		case "disabled":
			return (
				<Status
					tone="none"
					icon={<IconLock size={20} stroke={1.9} aria-hidden="true" />}
				>
					{t("accounts.disabled")}
				</Status>
			);
		case "invited":
			if (until === null) {
				return <Status tone="warn">{t("accounts.noCode")}</Status>;
			}
			return until > now ? (
				<>
					<Status tone="none">{t("accounts.invited")}</Status>
					<small>{t("accounts.codeUntil", { date: formatDate(until) })}</small>
				</>
			) : (
				<>
					<Status tone="warn">{t("accounts.codeOver")}</Status>
					<small>{t("accounts.since", { date: formatDate(until) })}</small>
				</>
			);
	}
}

function Roles({ one }: { one: PersonAccount }) {
	const { t } = useTranslation();
	if (one.roles.length === 0) {
		return one.account !== null && t("role.member");
	}
	return one.roles.map((held) => (
		<div key={`${held.role} ${held.unit.code} ${held.from}`}>
			{t(`role.${held.role}`)}
			{held.to !== null && (
				<small>{t("accounts.lastDay", { date: formatIsoDay(held.to) })}</small>
			)}
		</div>
	));
}
