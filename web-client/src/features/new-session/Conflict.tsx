import { useTranslation } from "react-i18next";
import { ApiError, useErrorSentence } from "@/api";
import { Banner, ButtonLink } from "@/ui";

/** Why a session was not made; a booking conflict names the other session and leads to it. */
export function Conflict({ error }: { error: unknown }) {
	const { t } = useTranslation();
	const sentence = useErrorSentence();
	const other =
		error instanceof ApiError && error.status === 409
			? error.params.code
			: undefined;
	return (
		<Banner
			tone="bad"
			action={
				other && (
					<ButtonLink to="/s/$code" params={{ code: other }} size="sm">
						{t("create.seeOther")}
					</ButtonLink>
				)
			}
		>
			{sentence(error)}
		</Banner>
	);
}
