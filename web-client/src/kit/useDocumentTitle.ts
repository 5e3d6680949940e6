import { useEffect } from "react";
import { useTranslation } from "react-i18next";

/** Names the browser's tab after the page. */
export function useDocumentTitle(page: string): void {
	const { t } = useTranslation();
	useEffect(() => {
		document.title = t("kit.documentTitle", { page });
	}, [t, page]);
}
