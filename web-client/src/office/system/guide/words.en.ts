/** Words of the guide of the first days. */
export const words = {
	guide: {
		title: "First day",
		lead: "Five steps. Each can be skipped and come back to.",
		whatLoads: "the guide",
		"done#one": "{{done}} of {{count}} step done",
		"done#other": "{{done}} of {{count}} steps done",
		close: "Later, to the main page",
		open: "Open the guide again",
		closed:
			"The guide is closed: the main page does not mention it any more. The steps below still work.",
		finished: "Every step is done. The guide has left the main page by itself.",
		skip: "Skip",
		unskip: "Do this step",
		skipped: "skipped",
		steps: "Five steps",
		name: {
			units: "Units",
			points: "Bridge points",
			people: "People",
			accounts: "Accounts",
			test_call: "Test call",
		},
		meaning: {
			units: "The tree of units decides who invites whom and who sees what.",
			points:
				"Places with a device, a camera and somebody in charge. One serves several units.",
			people: "To send delegates, call the roll and enrol in classes.",
			accounts: "Who may sign in, and with which role.",
			test_call: "Two points in one room: picture, sound, line.",
		},
		none: {
			units: "Only the unit at the root",
			points: "No point yet",
			people: "Only the first administrator",
			accounts: "Only the first account",
			test_call: "Nobody has called yet",
		},
		onePoint: "1 point; two are needed to meet",
		there: {
			"units#one": "{{number}} unit",
			"units#other": "{{number}} units",
			"points#one": "{{number}} bridge point",
			"points#other": "{{number}} bridge points",
			"people#one": "{{number}} person",
			"people#other": "{{number}} people",
			"accounts#one": "{{number}} account",
			"accounts#other": "{{number}} accounts",
			"test_call#one": "Two have met",
			"test_call#other": "Two have met",
		},
		template: "Template",
		unitsKey: "Take in a file",
		unitsOther: "Add by hand, see the tree",
		pointsKey: "Add bridge points",
		peopleKey: "Take in a file",
		peopleOther: "Add one by one",
		accountsKey: "Give codes, print slips",
		callKey: "Make a test session",
		callNeeds: "Add two bridge points first.",
		callHow:
			"It begins at once, lasts 30 minutes and invites the first two points. Send the links to both; each checks microphone, loudspeaker and camera and enters.",
		callTitle: "Test call",
		hint: {
			units:
				"A CSV file with code, name, kind and the code of the unit above. Every row is shown before anything is written; nothing is deleted.",
			points: "Each has a fixed seat on the wall, a host unit and a room.",
			people:
				"An XLSX or CSV file. The header may stand in any row; every row is shown before anything is written.",
			accounts:
				"Choose people, give one-time codes, print slips on A4. No mail is needed.",
		},
		next: "Next step",
	},
} as const;
