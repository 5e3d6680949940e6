import { Button, NativeSelect, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { formatDate, parseDate } from "@/format";
import { Card } from "@/kit";
import type { AuditAction } from "@/protocol/generated/AuditAction";
import { useServer } from "@/session";
import { isChosen, type LogFilter, readFilter } from "./filter";
import classes from "./Log.module.css";

/** A day as people type it, as the server writes it; empty for nothing, `null` for what is no day. */
function readDay(text: string, nowUs: number): string | null {
	if (text.trim() === "") return "";
	const at = parseDate(text, nowUs);
	return at === null ? null : formatDate(at).split("/").reverse().join("-");
}

/** A day of the server as people write it. */
const sayDay = (day: string | undefined): string =>
	day === undefined ? "" : day.split("-").reverse().join("/");

/** By whom, to what, what and when: searched for at the press of a key, so that the log is not read at every letter. */
export function LogSearch({
	filter,
	actions,
	onSearch,
}: {
	filter: LogFilter;
	actions: AuditAction[];
	onSearch: (filter: LogFilter) => void;
}) {
	const { t, i18n } = useTranslation();
	const server = useServer();
	const [who, setWho] = useState(filter.who ?? "");
	const [thing, setThing] = useState(filter.thing ?? "");
	const [action, setAction] = useState(filter.action ?? "");
	const [from, setFrom] = useState(sayDay(filter.from));
	const [to, setTo] = useState(sayDay(filter.to));
	const [wrong, setWrong] = useState<{ from?: boolean; to?: boolean }>({});

	const search = (event: FormEvent) => {
		event.preventDefault();
		const begin = readDay(from, server.nowUs());
		const end = readDay(to, server.nowUs());
		setWrong({ from: begin === null, to: end === null });
		if (begin === null || end === null) return;
		onSearch(readFilter({ who, thing, action, from: begin, to: end }));
	};
	const language = i18n.language === "en" ? "en" : "vi";
	const choices = actions
		.map((known) => ({ value: known.name, label: known[language] }))
		.sort((a, b) => a.label.localeCompare(b.label, language));
	// An address that somebody sent may name an action that this server does not know.
	if (action !== "" && choices.every(({ value }) => value !== action)) {
		choices.push({ value: action, label: action });
	}
	const day = (
		key: "from" | "to",
		value: string,
		onChange: (text: string) => void,
	) => (
		<TextInput
			size="md"
			label={t(`system.log.${key}`)}
			placeholder={t("system.log.dayLike")}
			inputMode="numeric"
			value={value}
			error={wrong[key] && t("system.log.noDay")}
			onChange={(event) => onChange(event.currentTarget.value)}
		/>
	);
	return (
		<Card>
			<form className={classes.filter} onSubmit={search}>
				<TextInput
					size="md"
					label={t("system.log.who")}
					placeholder={t("system.log.whoLike")}
					maxLength={100}
					value={who}
					onChange={(event) => setWho(event.currentTarget.value)}
				/>
				<TextInput
					size="md"
					label={t("system.log.thing")}
					placeholder={t("system.log.thingLike")}
					maxLength={100}
					value={thing}
					onChange={(event) => setThing(event.currentTarget.value)}
				/>
				<NativeSelect
					size="md"
					label={t("system.log.action")}
					value={action}
					onChange={(event) => setAction(event.currentTarget.value)}
					data={[{ value: "", label: t("system.log.everyAction") }, ...choices]}
				/>
				{day("from", from, setFrom)}
				{day("to", to, setTo)}
				<div className={classes.keys}>
					<Button
						type="submit"
						variant="filled"
						leftSection={<IconSearch size={20} stroke={1.9} aria-hidden />}
					>
						{t("system.log.search")}
					</Button>
					{isChosen(filter) && (
						<Button variant="default" onClick={() => onSearch({})}>
							{t("system.log.clear")}
						</Button>
					)}
				</div>
			</form>
		</Card>
	);
}
