/** Words that are said everywhere. */
export const words = {
	product: "Điểm Cầu",
	tagline: "Online meetings and training",
	language: {
		label: "Language",
		vi: "Tiếng Việt",
		en: "English",
	},
} as const;
