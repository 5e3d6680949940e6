/** Words for lengths of time. */
export const words = {
	duration: {
		less: "less than a minute",
		"minutes#one": "{{count}} minute",
		"minutes#other": "{{count}} minutes",
		"hours#one": "{{count}} hour",
		"hours#other": "{{count}} hours",
		"days#one": "{{count}} day",
		"days#other": "{{count}} days",
	},
} as const;
