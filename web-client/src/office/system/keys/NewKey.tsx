import { Button, Checkbox, NativeSelect, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { addDays, formatIsoDay, isoDay, matches } from "@/format";
import { Banner, Card } from "@/kit";
import type { ApiScope } from "@/protocol/generated/ApiScope";
import type { MadeApiKey } from "@/protocol/generated/MadeApiKey";
import { useErrorSentence, useServer } from "@/session";
import { may, useMe } from "@/session/useMe";
import { keyUnitsQuery, makeKey } from "../api";
import classes from "./Keys.module.css";
import { sayScope, scopes } from "./scopes";

/** For how many days a key may be made; the server takes any up to a year. */
const lasts = ["30", "90", "180", "365"] as const;

/** Up to so many units are chosen from without a search. */
const few = 12;

/** Makes a key for another system. */
export function NewKey({ onMade }: { onMade: (made: MadeApiKey) => void }) {
	const { t } = useTranslation();
	const server = useServer();
	const me = useMe();
	const queryClient = useQueryClient();
	const sentence = useErrorSentence();
	const { data: units = [] } = useQuery(keyUnitsQuery(server));
	const [name, setName] = useState("");
	const [chosen, setChosen] = useState("");
	const [search, setSearch] = useState("");
	const [wanted, setWanted] = useState<ApiScope[]>([]);
	const [days, setDays] = useState<string>("180");
	const [tried, setTried] = useState(false);
	const form = useRef<HTMLFormElement>(null);
	const today = isoDay(server.nowUs());
	const only = units.length === 1 ? units[0] : undefined;
	const unit = only?.code ?? chosen;
	const make = useMutation({
		mutationFn: () =>
			makeKey(server, {
				name: name.trim(),
				unit,
				scopes: wanted,
				last_day: addDays(today, Number(days)),
			}),
		onSuccess: async (made) => {
			await queryClient.invalidateQueries({ queryKey: ["api-keys"] });
			onMade(made);
		},
	});
	const submit = (event: FormEvent) => {
		event.preventDefault();
		setTried(true);
		if (name.trim() === "" || unit === "" || wanted.length === 0) {
			// After React has marked the fields, go to the first marked one.
			requestAnimationFrame(() =>
				form.current
					?.querySelector<HTMLElement>('[aria-invalid="true"]')
					?.focus(),
			);
			return;
		}
		make.mutate();
	};
	const found = units.filter(
		(one) => one.code === unit || matches(`${one.name} ${one.code}`, search),
	);
	// What happens in every unit is read by a key of the whole department alone.
	const offered = scopes.filter(
		(scope) => scope !== "audit:read" || may(me, "open_system"),
	);
	return (
		<Card>
			<form
				ref={form}
				className={classes.form}
				onSubmit={submit}
				noValidate
				aria-labelledby="new-key"
			>
				<h2 id="new-key" className={classes.title}>
					{t("system.keys.make")}
				</h2>
				<TextInput
					label={t("system.keys.name")}
					placeholder={t("system.keys.nameLike")}
					value={name}
					autoComplete="off"
					error={tried && name.trim() === "" && t("system.keys.noName")}
					onChange={(event) => setName(event.currentTarget.value)}
				/>
				{units.length > few && (
					<TextInput
						type="search"
						label={t("system.keys.findUnit")}
						value={search}
						autoComplete="off"
						spellCheck={false}
						onChange={(event) => setSearch(event.currentTarget.value)}
					/>
				)}
				<NativeSelect
					size="md"
					label={t("system.keys.unit")}
					description={t("system.keys.unitHint")}
					value={unit}
					error={tried && unit === "" && t("system.keys.noUnit")}
					onChange={(event) => setChosen(event.currentTarget.value)}
					data={[
						...(only
							? []
							: [{ value: "", label: t("system.keys.chooseUnit") }]),
						...found.map((one) => ({ value: one.code, label: one.name })),
					]}
				/>
				<Checkbox.Group
					size="md"
					label={t("system.keys.scopes")}
					description={t("system.keys.scopesHint")}
					value={wanted}
					error={tried && wanted.length === 0 && t("system.keys.noScope")}
					onChange={(values) =>
						setWanted(scopes.filter((scope) => values.includes(scope)))
					}
				>
					<div className={classes.scopes}>
						{offered.map((scope) => (
							<Checkbox
								key={scope}
								value={scope}
								label={sayScope(t, scope)}
								aria-invalid={(tried && wanted.length === 0) || undefined}
							/>
						))}
					</div>
				</Checkbox.Group>
				<NativeSelect
					size="md"
					label={t("system.keys.lasts")}
					value={days}
					onChange={(event) => setDays(event.currentTarget.value)}
					data={lasts.map((count) => ({
						value: count,
						label: t(`system.keys.lastsDays.d${count}`, {
							date: formatIsoDay(addDays(today, Number(count))),
						}),
					}))}
				/>
				{make.isError && <Banner tone="bad">{sentence(make.error)}</Banner>}
				<Button type="submit" variant="filled" loading={make.isPending}>
					{t("system.keys.submit")}
				</Button>
			</form>
		</Card>
	);
}
