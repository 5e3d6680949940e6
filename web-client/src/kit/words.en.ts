/** Words of the kit. */
export const words = {
	kit: {
		documentTitle: "{{page}} · Điểm Cầu",
		loading: "Loading {{what}}…",
		close: "Close",
		retry: "Try again",
		panel: "Could not load {{what}}",
		code: "Code for the technician: {{code}}",
		copied: "Copied",
		copyFailed:
			"The browser does not allow copying. Select the link and copy it by hand.",
	},
} as const;
