/** Words of a session, for every page that shows one. */
export const words = {
	sessionRole: {
		chair: "Chair",
		secretary: "Secretary",
		point: "Bridge point",
		presenter: "Presenter",
		viewer: "Viewer",
	},
	kind: {
		meeting: "Meeting",
		briefing: "Briefing",
		conference: "Conference",
		seminar: "Seminar",
		training: "Training",
		class_observation: "Class observation",
	},
	state: {
		planned: "Planned",
		open: "Open, nobody there yet",
		live: "Live",
		ended: "Ended",
		lapsed: "Did not take place",
		cancelled: "Cancelled",
	},
	session: {
		shut: {
			over: "This session has ended and cannot be entered.",
			lapsed: "This session did not take place.",
			cancelled: "This session has been cancelled.",
		},
		recorded: "This session is recorded. The recording is kept until {{date}}.",
		recordedForEver:
			"This session is recorded. The recording is kept without limit.",
		mayRecord:
			"The chair may record this session; the screen then says so. The recording is kept until {{date}}.",
		mayRecordForEver:
			"The chair may record this session; the screen then says so. The recording is kept without limit.",
		until: "until {{time}}",
		details: "Details",
		"present#one": "{{count}} person in the room",
		"present#other": "{{count}} people in the room",
		"pointCount#one": "{{count}} bridge point",
		"pointCount#other": "{{count}} bridge points",
		join: "Join",
		chair: "Join and chair",
		attend: "Join the class",
		opensAt: "The room opens at {{time}}",
		openEmpty: "Open since {{time}}, nobody there yet",
		notInvited:
			"This account may see the schedule but is not part of the session. Ask the convening unit if you should be.",
		opensOn: "The room opens at {{time}} on {{date}}",
		anyName: "chosen on entry",
	},
} as const;
