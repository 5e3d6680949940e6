/** Words of setting up a second factor. */
export const words = {
	secondFactor: {
		title: "Two-step sign-in",
		what: "two-step sign-in",
		install:
			"Install an authenticator application on your phone, for example Google Authenticator or Microsoft Authenticator.",
		scan: "Open it, add an account and scan this QR code.",
		qr: "QR code that adds the account to an authenticator",
		byHand: "Cannot scan it? Choose to type, and enter this key:",
		here: "The application is on this very device: open it",
		type: "Enter the six digits that the application shows.",
		code: "Six-digit code",
		codeShape: "Enter the six digits that the application shows",
		turnOn: "Turn two-step sign-in on",
		once: "These codes are shown once. Print them or write them down, and keep them somewhere safe, not on the phone.",
		paperTitle: "Recovery codes for Điểm Cầu",
		paperOf: "Account {{login}}, made {{time}}",
		paperUse:
			"They stand in for the six digits when the phone is not at hand. Each works once; cross out the used ones.",
		print: "Print the recovery codes",
		owed: {
			title: "Turn two-step sign-in on",
			lead: "The role of {{name}} needs a second step. Everything else opens after this; it takes about two minutes.",
			after: "Two-step sign-in is on",
			afterLead:
				"From the next sign-in on, the password and six digits are needed.",
			begin: "Begin",
			enter: "Codes are safe, go on",
			leave: "Sign out",
		},
		own: {
			off: "Off",
			offText:
				"When it is on, each sign-in takes six digits of your phone besides the password: somebody who knows the password alone does not get in.",
			on: "On since {{date}}",
			"left#one": "{{count}} recovery code is left.",
			"left#other": "{{count}} recovery codes are left.",
			"few#one":
				"Only {{count}} recovery code is left. Make new ones, so that a lost phone does not lock you out.",
			"few#other":
				"Only {{count}} recovery codes are left. Make new ones, so that a lost phone does not lock you out.",
			demanded: "Your role demands two-step sign-in, so it stays on.",
			begin: "Turn two-step sign-in on",
			password: "Present password",
			passwordMissing: "Enter the present password",
			next: "Continue",
			replace: "Another phone",
			replaceText:
				"The present phone goes on working until a code of the new one was accepted.",
			codes: "New recovery codes",
			codesText: "The recovery codes you have cease to work at once.",
			end: "Turn off",
			endTitle: "Turn two-step sign-in off",
			endText:
				"After that, the password alone signs in; recovery codes cease to work.",
			endCode: "Six digits or a recovery code",
			endCodeMissing: "Enter six digits or a recovery code",
			cancel: "Cancel",
			kept: "Codes are safe",
			done: "Two-step sign-in is on. Everywhere else you are signed out.",
			ended: "Two-step sign-in is off.",
		},
	},
} as const;
