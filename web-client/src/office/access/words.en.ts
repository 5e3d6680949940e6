/** Words of the ways in: sign-in and joining link. */
export const words = {
	signIn: {
		title: "Sign in",
		lead: "Use the account that your unit has given you.",
		login: "Account",
		loginMissing: "Enter the account, for example hoai.vi",
		password: "Password",
		passwordMissing: "Enter the password",
		showPassword: "Show the password",
		submit: "Sign in",
		forgotten:
			"Forgotten password: ask your unit's administrator to set a new one.",
		byLink: "Invited by a link: open the link itself, no account is needed.",
		secret: "Do not use this system for secret content.",
		certificate:
			"The browser says it is not safe: get the server's certificate",
		promise: "A named seat for each unit, one meeting room for the province.",
	},
	link: {
		title: "Join by an invitation link",
		what: "where this link leads",
		when: "When",
		planned: "As planned",
		convenes: "Convenes",
		chair: "Chair",
		code: "Code",
		asWhom: "This link is for",
		replay: "See the recording",
		nameLong: "The name has more than {{limit}} characters. Shorten it",
		opening: "Opening the room…",
		name: "Your name",
		nameHint: "It is shown under your picture in the room.",
		nameMissing: "Enter your name, for example Lô Thị Hằng",
		enter: "Join",
		signIn: "Sign in with an account",
		signedIn:
			"This browser is signed in as {{name}}. Joining by the link signs that account out here.",
		asAccount: "Join as {{name}}",
		byLink: "Join by the link",
	},
} as const;
