import { ActionIcon, NativeSelect, TextInput } from "@mantine/core";
import { IconSearch, IconX } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Loaded } from "@/kit";
import type { OfficerPart } from "@/protocol/generated/OfficerPart";
import { useServer } from "@/session";
import { candidatesQuery } from "../api";
import { type Chosen, isChosen, parts, withChosen } from "./chosen";
import classes from "./OfficersPicker.module.css";

/** Names people for their parts in a session: found by letters of the name, without diacritics. One of them is the chair at most. */
export function OfficersPicker({
	of,
	chosen,
	onChange,
}: {
	/** For which session, or for which unit's session to be. */
	of: { session: string } | { unit: string };
	chosen: Chosen[];
	onChange: (chosen: Chosen[]) => void;
}) {
	const { t } = useTranslation();
	const server = useServer();
	const [part, setPart] = useState<OfficerPart>("secretary");
	const [typed, setTyped] = useState("");
	const search = typed.trim();
	const query = useQuery({
		...candidatesQuery(server, of, search),
		placeholderData: keepPreviousData,
	});

	return (
		<fieldset className={classes.picker}>
			<legend>{t("officers.title")}</legend>
			{chosen.length > 0 && (
				<ul className={classes.chosen}>
					{chosen.map((one) => (
						<li key={`${one.part} ${one.person}`}>
							<span>{t(`officers.part.${one.part}`)}</span>
							<b>{one.name}</b>
							<ActionIcon
								variant="transparent"
								color="gray"
								size={36}
								aria-label={`${t("officers.remove")}: ${one.name}`}
								onClick={() => onChange(chosen.filter((it) => it !== one))}
							>
								<IconX size={20} stroke={1.9} aria-hidden="true" />
							</ActionIcon>
						</li>
					))}
				</ul>
			)}
			<div className={classes.search}>
				<NativeSelect
					size="md"
					aria-label={t("officers.as")}
					value={part}
					onChange={(event) =>
						setPart(event.currentTarget.value as OfficerPart)
					}
					data={parts.map((value) => ({
						value,
						label: t(`officers.part.${value}`),
					}))}
				/>
				<TextInput
					type="search"
					aria-label={t("officers.search")}
					placeholder={t("officers.search")}
					leftSection={<IconSearch size={20} stroke={1.9} aria-hidden="true" />}
					value={typed}
					onChange={(event) => setTyped(event.currentTarget.value)}
					// Return chooses nobody, and sends no form.
					onKeyDown={(event) => {
						if (event.key === "Enter") event.preventDefault();
					}}
				/>
			</div>
			{search.length > 1 && (
				<Loaded query={query} what={t("officers.what")} rows={2}>
					{(people) => (
						<>
							<ul className={classes.found}>
								{people.map(({ person, name, position, unit }) => {
									const one = { part, person, name };
									return (
										<li key={person}>
											<button
												type="button"
												disabled={isChosen(chosen, one)}
												onClick={() => {
													onChange(withChosen(chosen, one));
													setTyped("");
												}}
											>
												<b>{name}</b>
												<small>
													{position}, {unit.name}
												</small>
											</button>
										</li>
									);
								})}
							</ul>
							<p role="status" className={classes.hint}>
								{people.length === 0 && t("officers.nobody")}
							</p>
						</>
					)}
				</Loaded>
			)}
		</fieldset>
	);
}
