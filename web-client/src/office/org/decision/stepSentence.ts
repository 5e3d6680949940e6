import { useTranslation } from "react-i18next";
import type { UnitStep } from "@/protocol/generated/UnitStep";

/** Says what a step does, by the codes of its units. */
export function useStepSentence(): (step: UnitStep) => string {
	const { t } = useTranslation();
	return (step) => {
		switch (step.act) {
			case "add":
				return t("decision.says.add", { name: step.unit.name });
			case "rename":
				return t("decision.says.rename", { code: step.code, name: step.name });
			case "move":
				return t("decision.says.move", {
					code: step.code,
					parent: step.parent,
				});
			case "close":
				return step.heir === null
					? t("decision.says.close", { code: step.code })
					: t("decision.says.closeTo", { code: step.code, heir: step.heir });
			case "merge":
				return t("decision.says.merge", {
					codes: step.codes.join(", "),
					name: step.into.name,
				});
			case "split":
				return t("decision.says.split", {
					code: step.code,
					names: step.into.map(({ name }) => name).join(", "),
				});
		}
	};
}
