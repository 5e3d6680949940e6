import "i18next";
import type vi from "./vi";
import type office from "./vi.office";

declare module "i18next" {
	interface CustomTypeOptions {
		defaultNS: "pages";
		resources: typeof vi & { pages: typeof office };
		returnNull: false;
		pluralSeparator: "#";
		contextSeparator: "|";
	}
}
