import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { type Language, storedLanguage, storeLanguage } from "./language";
import vi from "./vi";

export type { Language } from "./language";

/** The one instance; `pages` is the default namespace, `room` belongs to the live room. */
export const i18n = i18next.createInstance();

/** Starts translation in the language chosen on this device. Vietnamese is in the bundle, English is fetched. */
export async function startI18n(
	language: Language = storedLanguage(),
): Promise<void> {
	await i18n.use(initReactI18next).init({
		lng: "vi",
		fallbackLng: "vi",
		defaultNS: "pages",
		ns: Object.keys(vi),
		resources: { vi },
		interpolation: { escapeValue: false }, // React escapes.
		returnNull: false,
		// Keys are the wire's snake_case codes, so plural and context need other marks: `days#one`.
		pluralSeparator: "#",
		contextSeparator: "|",
	});
	await setLanguage(language);
}

/** Fetches what the pages of administrators say in Vietnamese, once; their routes wait for it. English has it all at once. */
export async function officeWords(): Promise<void> {
	const { default: words } = await import("./vi.office");
	i18n.addResourceBundle("vi", "pages", words, true, true);
}

/** Switches the whole screen, and remembers it on this device. */
export async function setLanguage(language: Language): Promise<void> {
	if (language === "en" && !i18n.hasResourceBundle("en", "pages")) {
		const { default: en } = await import("./en");
		for (const [namespace, catalogue] of Object.entries(en)) {
			i18n.addResourceBundle("en", namespace, catalogue);
		}
	}
	await i18n.changeLanguage(language);
	storeLanguage(language);
	document.documentElement.lang = language;
}
