import { NativeSelect, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Loaded } from "@/kit";
import type { Session } from "@/protocol/generated/Session";
import type { SessionChange } from "@/protocol/generated/SessionChange";
import type { SessionKind } from "@/protocol/generated/SessionKind";
import { useServer } from "@/session";
import { changeSession, officersQuery } from "../api";
import { allKinds } from "../kinds";
import { maxTitle, titleProblem } from "../new-session/draft";
import { PointsPicker } from "../new-session/PointsPicker";
import { type Chosen, isChosen, readChosen } from "../officers/chosen";
import { OfficersPicker } from "../officers/OfficersPicker";
import { Refusal } from "./Clash";
import { Sheet } from "./Sheet";
import { useChange } from "./useChange";

/** Title, kind, those in charge and points of a session; of one that runs, title and those in charge. */
export function Edit({
	session,
	onClose,
}: {
	session: Session;
	onClose: () => void;
}) {
	const { t } = useTranslation();
	const server = useServer();
	const known = session.invited.map(({ code }) => code);
	const [title, setTitle] = useState(session.title);
	const [kind, setKind] = useState<SessionKind>(session.kind);
	const [points, setPoints] = useState(known);
	const [edited, setChosen] = useState<Chosen[] | null>(null);
	const officers = useQuery(officersQuery(server, session.code));
	const named: Chosen[] = officers.data ?? [];
	const chosen = edited ?? named;
	const [tried, setTried] = useState(false);
	const change = useChange(
		session,
		(etag, what: SessionChange) =>
			changeSession(server, session.code, etag, what),
		onClose,
	);
	const others =
		points.length !== known.length ||
		points.some((code) => !known.includes(code));
	const isOther =
		chosen.length !== named.length ||
		chosen.some((one) => !isChosen(named, one));
	const what: SessionChange = {
		...(title.trim() !== session.title && { title: title.trim() }),
		...(kind !== session.kind && { kind }),
		...(others && { bridge_points: points }),
		...(isOther && { officers: readChosen(chosen) }),
	};
	const problem = titleProblem(title).title;

	return (
		<Sheet
			title={t("change.edit")}
			no={t("change.editNot")}
			yes={t("change.save")}
			ready={Object.keys(what).length > 0}
			pending={change.isPending}
			onClose={onClose}
			onSubmit={() => {
				setTried(true);
				if (problem === undefined && points.length > 0) change.mutate(what);
			}}
		>
			<TextInput
				label={t("create.name")}
				value={title}
				error={
					tried && problem
						? t(`create.problem.${problem}`, {
								limit: maxTitle,
								count: title.length,
							})
						: undefined
				}
				onChange={(event) => setTitle(event.currentTarget.value)}
			/>
			<Loaded query={officers} what={t("officers.what")} rows={2}>
				{() => (
					<OfficersPicker
						of={{ session: session.code }}
						chosen={chosen}
						onChange={setChosen}
					/>
				)}
			</Loaded>
			{session.changeable === "wholly" && (
				<>
					<NativeSelect
						size="md"
						label={t("create.kind")}
						value={kind}
						onChange={(event) =>
							setKind(event.currentTarget.value as SessionKind)
						}
						data={allKinds.map((value) => ({
							value,
							label: t(`kind.${value}`),
						}))}
					/>
					<PointsPicker
						selected={points}
						onChange={setPoints}
						problem={
							tried && points.length === 0
								? t("create.problem.pointsMissing")
								: undefined
						}
					/>
				</>
			)}
			{change.isError && <Refusal error={change.error} />}
		</Sheet>
	);
}
