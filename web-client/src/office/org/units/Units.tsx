import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { ButtonLink, Card, Empty, Loaded, useDocumentTitle } from "@/kit";
import type { UnitTree } from "@/protocol/generated/UnitTree";
import { useServer } from "@/session";
import { Only } from "@/session/Only";
import { may, useMe } from "@/session/useMe";
import { unitTreeQuery } from "../api";
import { Decision } from "../decision/Decision";
import type { Act } from "../decision/draft";
import { DayBar } from "./DayBar";
import { TreeList } from "./TreeList";
import { plant } from "./tree";
import { UnitPanel } from "./UnitPanel";
import classes from "./Units.module.css";
import type { View } from "./view";

/** The units of any day, for those with a role at one. */
export function Units() {
	const { t } = useTranslation();
	const me = useMe();
	return (
		<Only
			may={may(me, "list_units")}
			title={t("units.title")}
			refusal={t("units.notYours")}
			whose={t("units.whoMay")}
		>
			<Tree />
		</Only>
	);
}

/** The tree of the day in the address, and the unit in it. */
function Tree() {
	const { t } = useTranslation();
	useDocumentTitle(t("units.title"));
	const server = useServer();
	const view = useSearch({ from: "/known/shell/units" });
	const navigate = useNavigate({ from: "/units" });
	const show = (part: Partial<View>) =>
		void navigate({
			search: (now: View) => ({ ...now, ...part }),
			replace: true,
		});
	const query = useQuery(unitTreeQuery(server, view.day));
	return (
		<Loaded
			query={query}
			what={t("units.what")}
			rows={10}
			frame={(waiting) => (
				<div className={classes.waiting}>
					<Card>
						<h1 className="vh">{t("units.title")}</h1>
						{waiting}
					</Card>
				</div>
			)}
		>
			{(tree) => <Shown tree={tree} view={view} onShow={show} />}
		</Loaded>
	);
}

function Shown({
	tree,
	view,
	onShow,
}: {
	tree: UnitTree;
	view: View;
	onShow: (part: Partial<View>) => void;
}) {
	const { t } = useTranslation();
	const forest = useMemo(() => plant(tree.units), [tree.units]);
	const me = useMe();
	const chosen = view.unit ?? forest.children.get("")?.[0]?.code;
	// What is being written stays when another unit is looked at.
	const [writing, setWriting] = useState<{
		act: Act;
		code: string | undefined;
	} | null>(null);
	return (
		<div className={classes.page}>
			<DayBar
				day={view.day ?? tree.today}
				today={tree.today}
				days={tree.days}
				onChange={(day) =>
					onShow({ day: day === tree.today ? undefined : day })
				}
			>
				{may(me, "change_units") && (
					<>
						<ButtonLink to="/units/decisions">{t("decisions.link")}</ButtonLink>
						<Button
							variant="filled"
							disabled={writing !== null}
							onClick={() => setWriting({ act: "merge", code: chosen })}
						>
							{t("decision.new")}
						</Button>
					</>
				)}
			</DayBar>
			<div
				className={classes.columns}
				data-chosen={view.unit !== undefined || writing !== null || undefined}
			>
				<TreeList
					// Another day may have another root, which is open at first.
					key={tree.day}
					forest={forest}
					today={tree.today}
					chosen={chosen}
					find={view.find ?? ""}
					onFind={(find) => onShow({ find: find || undefined })}
					onChoose={(unit) => onShow({ unit })}
				/>
				{writing !== null && (
					<div className={classes.writing}>
						<Decision
							act={writing.act}
							unit={forest.byCode.get(writing.code ?? "")}
							day={tree.day}
							onClose={() => setWriting(null)}
							onWritten={(day) => {
								setWriting(null);
								onShow({ day: day === tree.today ? undefined : day });
							}}
						/>
					</div>
				)}
				<div className={classes.side} hidden={writing !== null}>
					{chosen === undefined ? (
						<Card>
							<Empty title={t("units.none")}>{t("units.noneText")}</Empty>
						</Card>
					) : (
						<UnitPanel
							key={chosen}
							code={chosen}
							day={view.day}
							tree={tree}
							forest={forest}
							onChoose={(unit) => onShow({ unit, find: undefined })}
							onBack={() => onShow({ unit: undefined })}
							onDecide={(act) => setWriting({ act, code: chosen })}
						/>
					)}
				</div>
			</div>
		</div>
	);
}
