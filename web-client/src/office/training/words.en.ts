/** Words of the training classes. */
export const words = {
	classes: {
		notYours: "This link leads to no class",
		whoMay:
			"A joining link leads into one session. Sign in with an account of your own to see classes.",
		title: "Training",
		what: "the list of classes",
		oneWhat: "the class",
		empty: "No classes yet",
		emptyText: "Classes appear here when this account is enrolled.",
		"lead#one": "Class {{code}}, {{count}} trainee. {{unit}}, {{year}}",
		"lead#other": "Class {{code}}, {{count}} trainees. {{unit}}, {{year}}",
		modules: "Modules",
		hours: "Hours",
		hourUnit: "h",
		next: "Next session",
		none: "none left",
		noNext: "This class has no sessions left.",
		today: "today",
		"moduleCount#one": "{{count}} module",
		"moduleCount#other": "{{count}} modules",
		"sessionCount#one": "{{count}} session",
		"sessionCount#other": "{{count}} sessions",
		mode: {
			live: "Online",
			self_study: "Self-study",
		},
	},
} as const;
