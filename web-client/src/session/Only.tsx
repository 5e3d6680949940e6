import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ButtonLink, Card, Empty, Page } from "@/kit";

/** A page that not everybody may use: others are told so and whose it is, and the server is asked for nothing. */
export function Only({
	may,
	title,
	refusal,
	whose,
	children,
}: {
	may: boolean;
	title: string;
	/** What this account cannot do. */
	refusal: string;
	/** Who can, and whom to turn to. */
	whose: string;
	children: ReactNode;
}) {
	const { t } = useTranslation();
	if (may) return children;
	return (
		<Page title={title}>
			<Card>
				<Empty
					title={refusal}
					action={<ButtonLink to="/">{t("backHome")}</ButtonLink>}
				>
					{whose}
				</Empty>
			</Card>
		</Page>
	);
}
