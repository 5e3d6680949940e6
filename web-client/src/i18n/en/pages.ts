/** Words of all pages but the live room. */
export const pages = {
	product: "Điểm Cầu",
	tagline: "Online meetings and training",
	documentTitle: "{{page}} · Điểm Cầu",
	language: { label: "Language", vi: "Tiếng Việt", en: "English" },
	shell: {
		skip: "Skip to the main content",
		sections: "Main sections",
		home: "Today",
		create: "New session",
		classes: "Training",
		monitor: "Monitor",
		menu: "Sections and account",
		account: "Account {{name}}",
		signOut: "Sign out",
		loading: "Loading {{what}}…",
		close: "Close",
	},
	role: {
		department_admin: "Department administrator",
		unit_admin: "Unit administrator",
		it_staff: "IT staff",
		trainer: "Trainer",
		member: "Member",
		guest: "Guest",
		point: "Room device",
	},
	sessionRole: {
		chair: "Chair",
		secretary: "Secretary",
		point: "Bridge point",
		presenter: "Presenter",
		viewer: "Viewer",
	},
	kind: {
		meeting: "Meeting",
		conference: "Conference",
		seminar: "Seminar",
		training: "Training",
		class_observation: "Class observation",
	},
	state: {
		planned: "Planned",
		live: "Live",
		ended: "Ended",
		cancelled: "Cancelled",
	},
	error: {
		retry: "Try again",
		title: "This page could not be opened",
		panel: "Could not load {{what}}",
		code: "Code for the technician: {{code}}",
		unreachable:
			"The server did not answer. Check the network, then press Try again.",
		unexpected:
			"The server had a problem. Press Try again; if it stays, give the code below to the technician.",
		page: "This page stopped half-way. Press Try again; if it stays, give the code below to the technician.",
	},
	problem: {
		unauthenticated: "Your sign-in has ended. Sign in again to go on.",
		forbidden: "This account may not do that.",
		not_found: "There is no such content, or this account may not see it.",
		wrong_password:
			"The account or the password is not right. Check Caps Lock and the input method, then try again.",
		rate_limited: "Too many attempts. Wait a minute, then try again.",
		link_invalid: "This link does not work. Ask the sender for a new one.",
		link_expired: "This link has expired. Ask the sender for a new one.",
		link_revoked: "This link has been revoked. Ask the sender for a new one.",
		name_required: "Give your name to enter.",
		session_full:
			"The session already has its {{limit}} places, so you cannot join yet.",
		session_ended: "This session has ended.",
		booking_conflict:
			"It clashes with {{title}}, {{from}} to {{to}}. Choose another time or leave out the bridge points concerned.",
		booking_conflict_short:
			"It clashes with another session. Choose another time or leave out the bridge points concerned.",
		secret_refused: "This system does not accept sessions with secret content.",
		invalid: "What was sent is not valid. Look at the fields, then try again.",
		too_large: "What was sent is too long.",
		unavailable: "The server is busy. Wait a minute, then try again.",
	},
	notFound: {
		title: "There is no such page",
		text: "The address may be mistyped, or the page has moved.",
		home: "To today's page",
	},
} as const;
