const KEY = "diemcau.display";

/** All layouts: wall and main picture, the main picture alone (whoever speaks), the wall alone. */
export const LAYOUTS = ["both", "speaker", "wall"] as const;

/** One of them. */
export type Layout = (typeof LAYOUTS)[number];

/** What one wants to see of the room. */
export interface Display {
	layout: Layout;
	/** Whether places without a picture are left out of the wall. */
	hideEmpty: boolean;
}

/** What this machine's people chose last. */
export function rememberedDisplay(storage: Storage = localStorage): Display {
	const display: Display = { layout: "both", hideEmpty: false };
	try {
		const stored: unknown = JSON.parse(storage.getItem(KEY) ?? "{}");
		if (typeof stored !== "object" || stored === null) return display;
		const { layout, hideEmpty } = stored as Partial<Display>;
		return {
			layout: LAYOUTS.find((one) => one === layout) ?? "both",
			hideEmpty: hideEmpty === true,
		};
	} catch {
		return display;
	}
}

/** Remembers it on this machine. */
export function rememberDisplay(
	display: Display,
	storage: Storage = localStorage,
): void {
	try {
		storage.setItem(KEY, JSON.stringify(display));
	} catch {
		// The choice then lasts until the page is left.
	}
}
