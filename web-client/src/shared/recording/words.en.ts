/** Words of a recording, for every page that shows one. */
export const words = {
	recording: {
		replay: "Replay",
		title: "Recordings",
		what: "the list of recordings",
		empty: "No recording yet",
		emptyText:
			"Recordings appear here when the chair presses Record in the room.",
		emptyAutomatic:
			"This session is recorded by itself. The recording appears here when it begins.",
		emptyEnded: "This session was not recorded.",
		keptUntil: "kept until {{date}}",
		progress: "Progress of the replay file",
		composeAgain: "Make it again",
		healthOnly: "This account sees how it does, not what it shows.",
		state: {
			starting: "About to record",
			recording: "Recording",
			finalising: "Closing the recording",
			archived: "Stored, waiting for its replay file",
			composing: "Making the replay file, {{percent}}%",
			ready: "Ready to replay",
			failed: "The replay file could not be made",
		},
	},
} as const;
