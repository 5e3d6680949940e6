/** Words of the frame around all pages. */
export const words = {
	sections: {
		guide: "First day",
		units: "Units",
		points: "Bridge points",
		people: "People",
		accounts: "Accounts",
		system: "System",
		keys: "API keys",
		ownAccount: "My account",
	},
	shell: {
		skip: "Skip to the main content",
		sections: "Main sections",
		account: "Account {{name}}",
		signOut: "Sign out",
		cutOff: {
			silent:
				"This device has lost its connection to the server. What is shown is of {{time}}; meetings may go on as before. The page asks again by itself.",
			failing:
				"The server cannot answer at present. What is shown is of {{time}}. The page asks again by itself.",
		},
	},
	errorPage: {
		title: "This page could not be opened",
	},
	notFound: {
		title: "There is no such page",
		text: "The address may be mistyped, or the page has moved.",
	},
} as const;
