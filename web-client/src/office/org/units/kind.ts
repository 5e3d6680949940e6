import { useTranslation } from "react-i18next";

/** The kinds of units that the office has a word for; others are told as they are written. */
export const unitKinds = [
	"department",
	"district_office",
	"commune_unit",
	"school",
	"attached_unit",
] as const;

/** Says what a unit is. */
export function useKindWord(): (kind: string) => string {
	const { t } = useTranslation();
	return (kind) => {
		const known = unitKinds.find((one) => one === kind);
		return known === undefined ? kind : t(`unitKind.${known}`);
	};
}
