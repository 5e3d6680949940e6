import { Button, Checkbox, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { matches, seatNumber } from "@/format";
import { Card, Loaded, useShown } from "@/kit";
import { useServer } from "@/session";
import { bridgePointsQuery } from "../api";
import classes from "./NewSession.module.css";

/** Chooses the bridge points. Search ignores diacritics; seats follow the order of the list, not of the clicks. */
export function PointsPicker({
	selected,
	onChange,
	problem,
}: {
	selected: string[];
	onChange: (codes: string[]) => void;
	problem: string | undefined;
}) {
	const { t } = useTranslation();
	const server = useServer();
	const query = useQuery(bridgePointsQuery(server));
	const [search, setSearch] = useState("");
	const shown = useShown();
	const points = shown(query) ?? [];
	const found = points.filter(({ code, number, name }) =>
		matches(`${seatNumber(number)} ${code} ${name}`, search),
	);
	const inSeatOrder = (codes: Set<string>) =>
		points.map(({ code }) => code).filter((code) => codes.has(code));
	const all = found.every(({ code }) => selected.includes(code));

	return (
		<Card className={classes.points}>
			<fieldset aria-describedby={problem ? "points-problem" : undefined}>
				<legend className={classes.legend}>
					{t("create.points", { count: selected.length })}
				</legend>
				{problem && (
					<p id="points-problem" className={classes.problem}>
						{problem}
					</p>
				)}
				<div className={classes.search}>
					<TextInput
						type="search"
						aria-label={t("create.search")}
						placeholder={t("create.search")}
						leftSection={
							<IconSearch size={20} stroke={1.9} aria-hidden="true" />
						}
						value={search}
						onChange={(event) => setSearch(event.currentTarget.value)}
					/>
					<Button
						onClick={() => {
							const codes = new Set(selected);
							for (const { code } of found) {
								if (all) codes.delete(code);
								else codes.add(code);
							}
							onChange(inSeatOrder(codes));
						}}
						disabled={found.length === 0}
					>
						{all && found.length > 0
							? t("create.clear")
							: t("create.all", { count: found.length })}
					</Button>
				</div>
				<Loaded query={query} what={t("create.pointsWhat")}>
					{() => (
						<>
							<ul className={classes.list}>
								{found.map(({ code, number, name }) => (
									<li key={code}>
										<Checkbox
											classNames={{ body: classes.choice }}
											label={
												<>
													<span className="fig">{seatNumber(number)}</span>{" "}
													{name}
												</>
											}
											checked={selected.includes(code)}
											aria-invalid={problem ? true : undefined}
											onChange={(event) => {
												const codes = new Set(selected);
												if (event.currentTarget.checked) codes.add(code);
												else codes.delete(code);
												onChange(inSeatOrder(codes));
											}}
										/>
										<span className="fig">{code}</span>
									</li>
								))}
							</ul>
							<p role="status" className={classes.hint}>
								{found.length === 0 && t("create.noMatch", { search })}
							</p>
						</>
					)}
				</Loaded>
			</fieldset>
		</Card>
	);
}
