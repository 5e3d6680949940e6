/** Words for lengths of time. */
export const words = {
	duration: {
		less: "dưới 1 phút",
		"minutes#other": "{{count}} phút",
		"hours#other": "{{count}} giờ",
		"days#other": "{{count}} ngày",
	},
} as const;
