import { useTranslation } from "react-i18next";
import { type Language, setLanguage } from ".";
import classes from "./LanguageSwitch.module.css";

const short: Record<Language, string> = { vi: "Việt", en: "English" };

/** Both languages side by side, for screens without the account menu. */
export function LanguageSwitch({ ground }: { ground?: "dark" }) {
	const { t, i18n } = useTranslation();
	return (
		<fieldset
			className={classes.switch}
			data-ground={ground}
			aria-label={t("language.label")}
		>
			{(["vi", "en"] as const).map((language) => (
				<button
					key={language}
					type="button"
					lang={language}
					aria-pressed={i18n.language === language}
					onClick={() => void setLanguage(language)}
				>
					{short[language]}
				</button>
			))}
		</fieldset>
	);
}
