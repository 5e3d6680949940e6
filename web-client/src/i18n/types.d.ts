import "i18next";
import type vi from "./vi";

declare module "i18next" {
	interface CustomTypeOptions {
		defaultNS: "pages";
		resources: typeof vi;
		returnNull: false;
		pluralSeparator: "#";
		contextSeparator: "|";
	}
}
