import { Autocomplete, Checkbox, TextInput } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Segmented } from "@/kit";
import { SmallKey } from "@/kit/SmallKey";
import type { UnitRow } from "@/protocol/generated/UnitRow";
import type { UnitSpec } from "@/protocol/generated/UnitSpec";
import { unitKinds, useKindWord } from "../units/kind";
import classes from "./Decision.module.css";
import { acts, type Draft, emptyDraft } from "./draft";
import { UnitPicker } from "./UnitPicker";

/** One thing that a decision does, as it is being filled in. */
export function StepForm({
	draft,
	units,
	onChange,
}: {
	draft: Draft;
	/** The units that stand on the day of the decision, by name. */
	units: readonly UnitRow[];
	onChange: (draft: Draft) => void;
}) {
	const { t } = useTranslation();
	const change = (part: Partial<Draft>) => onChange({ ...draft, ...part });
	const byCode = (code: string | undefined) =>
		units.find((unit) => unit.code === code);
	const { act, codes, into, other } = draft;
	const choose = (code: string) => onChange(emptyDraft(act, byCode(code)));
	const below = units.filter(({ parent }) => parent === codes[0]);

	return (
		<div className={classes.step}>
			<div className={classes.acts}>
				<Segmented
					label={t("decision.act")}
					hideLabel
					value={act}
					options={acts.map((one) => ({
						value: one,
						label: t(`decision.acts.${one}`),
					}))}
					onChange={(one) => onChange(emptyDraft(one, byCode(codes[0])))}
				/>
			</div>
			{act === "merge" && (
				<>
					<div className={classes.chosen}>
						<p>{t("decision.from", { count: codes.length })}</p>
						<ul>
							{codes.map((code) => (
								<li key={code}>
									<span>{byCode(code)?.name ?? code}</span>
									<small className="fig">
										{t("decision.people", { count: byCode(code)?.people ?? 0 })}
									</small>
									<SmallKey
										look="icon"
										label={t("decision.leaveOut", {
											name: byCode(code)?.name ?? code,
										})}
										onPress={() =>
											change({ codes: codes.filter((one) => one !== code) })
										}
									>
										<IconX size={18} aria-hidden="true" />
									</SmallKey>
								</li>
							))}
						</ul>
					</div>
					<UnitPicker
						// What was chosen goes into the list, and the field is empty again.
						key={codes.length}
						label={t("decision.addUnit")}
						units={units.filter(({ code }) => !codes.includes(code))}
						value=""
						onChange={(code) => change({ codes: [...codes, code] })}
					/>
				</>
			)}
			{(act === "split" ||
				act === "rename" ||
				act === "move" ||
				act === "close") && (
				<UnitPicker
					label={t("decision.which")}
					units={units}
					value={codes[0] ?? ""}
					onChange={choose}
				/>
			)}
			{act === "rename" && (
				<SpecFields
					spec={into}
					units={units}
					fixed
					onChange={(spec) => change({ into: spec })}
				/>
			)}
			{act === "move" && (
				<UnitPicker
					label={t("decision.newParent")}
					units={units.filter(({ code }) => code !== codes[0])}
					value={into.parent ?? ""}
					onChange={(parent) => change({ into: { ...into, parent } })}
				/>
			)}
			{act === "close" && (
				<UnitPicker
					label={t("decision.heir")}
					description={t("decision.heirHint")}
					units={units.filter(({ code }) => code !== codes[0])}
					value={draft.heir}
					clearable
					onChange={(heir) => change({ heir })}
				/>
			)}
			{(act === "add" || act === "merge") && (
				<SpecFields
					title={t(act === "add" ? "decision.newUnit" : "decision.becomes")}
					hint={act === "merge" ? t("decision.becomesHint") : undefined}
					spec={into}
					units={units}
					onChange={(spec) => change({ into: spec })}
				/>
			)}
			{act === "split" && codes[0] !== undefined && (
				<>
					<SpecFields
						title={t("decision.firstPart")}
						hint={t("decision.firstPartHint")}
						spec={into}
						units={units}
						onChange={(spec) => change({ into: spec })}
					/>
					<SpecFields
						title={t("decision.secondPart")}
						spec={other}
						units={units}
						onChange={(spec) => change({ other: spec })}
					/>
					{below.length > 0 && (
						<fieldset className={classes.below}>
							<legend>{t("decision.toSecond")}</legend>
							{below.map((unit) => (
								<Checkbox
									key={unit.code}
									label={unit.name}
									checked={draft.toOther.includes(unit.code)}
									onChange={(event) =>
										change({
											toOther: event.currentTarget.checked
												? [...draft.toOther, unit.code]
												: draft.toOther.filter((one) => one !== unit.code),
										})
									}
								/>
							))}
						</fieldset>
					)}
				</>
			)}
		</div>
	);
}

/** Name, kind, code and the unit above of one that comes out of a step. */
function SpecFields({
	title,
	hint,
	spec,
	units,
	fixed = false,
	onChange,
}: {
	title?: string;
	hint?: string | undefined;
	spec: UnitSpec;
	units: readonly UnitRow[];
	/** Whether code and place stay. */
	fixed?: boolean;
	onChange: (spec: UnitSpec) => void;
}) {
	const { t } = useTranslation();
	const kindWord = useKindWord();
	const known = unitKinds.map((kind) => ({ kind, word: kindWord(kind) }));
	const change = (part: Partial<UnitSpec>) => onChange({ ...spec, ...part });
	return (
		<fieldset className={classes.spec}>
			{title && <legend>{title}</legend>}
			{hint && <p>{hint}</p>}
			<div className={classes.fields}>
				<TextInput
					label={t("decision.name")}
					value={spec.name}
					onChange={(event) => change({ name: event.currentTarget.value })}
				/>
				<Autocomplete
					size="md"
					label={t("units.kind")}
					data={known.map(({ word }) => word)}
					value={kindWord(spec.kind)}
					onChange={(word) =>
						change({
							kind: known.find((one) => one.word === word)?.kind ?? word,
						})
					}
				/>
				{!fixed && (
					<TextInput
						label={t("units.code")}
						value={spec.code}
						autoCapitalize="characters"
						autoComplete="off"
						spellCheck={false}
						onChange={(event) => change({ code: event.currentTarget.value })}
					/>
				)}
			</div>
			{!fixed && (
				<UnitPicker
					label={t("units.parent")}
					units={units}
					value={spec.parent ?? ""}
					onChange={(parent) => change({ parent })}
				/>
			)}
		</fieldset>
	);
}
