/** The languages of the screen; Vietnamese is the source, English stands beside it. */
export const languages = ["vi", "en"] as const;

/** One of [`languages`]. */
export type Language = (typeof languages)[number];

const storageKey = "dc.language";

/** The language chosen on this device before; Vietnamese when nobody chose. */
export function storedLanguage(): Language {
	try {
		return localStorage.getItem(storageKey) === "en" ? "en" : "vi";
	} catch {
		return "vi"; // Storage is switched off in some locked-down browsers.
	}
}

/** Remembers a choice on this device. */
export function storeLanguage(language: Language): void {
	try {
		localStorage.setItem(storageKey, language);
	} catch {
		// The choice then lasts until the page is left.
	}
}
