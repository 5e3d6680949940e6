/** Words that are said everywhere. */
export const words = {
	product: "Điểm Cầu",
	tagline: "Họp và tập huấn trực tuyến",
	language: {
		label: "Ngôn ngữ",
		vi: "Tiếng Việt",
		en: "English",
	},
} as const;
