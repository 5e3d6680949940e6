/** Words of lists of people that come as files. */
export const words = {
	peopleImport: {
		title: "Import a list of people",
		lead: "From an Excel (.xlsx) or CSV file. Nothing is written before you have looked at it.",
		choose: "Choose a file",
		chooseOther: "Choose another file",
		reading: "Reading the file…",
		how: "What is needed",
		howColumns:
			"A column with full names; for new people a unit and a position too. Codes tell who is who.",
		howEmpty:
			"An empty cell changes nothing. Nobody is deleted. Accounts and passwords are not touched.",
		howText:
			"Keep the column of codes as text, so that zeros at the beginning stay.",
		howRoster:
			"A .zip by OneRoster 1.1 or 1.2 is taken too: staff only; pupils, their families and rows to be deleted are passed over.",
		template: "Download a template",
		everybody: "Download the present list",
		earlier: "Recent imports",
		none: "Nothing was imported yet.",
		what: "the imports",
		oneWhat: "this import",
		"rows#one": "{{count}} row",
		"rows#other": "{{count}} rows",
		readyTitle: "Look before it is written",
		runTitle: "Writing the list of people",
		sheet: "sheet “{{sheet}}”",
		headerRow: "header in row {{row}}",
		state: {
			reading: "Reading broke off",
			ready: "Not written",
			applying: "Being written",
			done: "Written",
			cancelled: "Stopped",
			failed: "Not written to its end",
		},
		verdict: {
			new: "New",
			changed: "Changed",
			same: "Same",
			refused: "Refused",
		},
		will: {
			new: "to be added",
			changed: "to be changed",
			same: "not touched",
			refused: "not written",
		},
		summary: "What was found",
		rowsTitle: "Rows",
		rowsWhat: "the rows",
		noRows: "There are no such rows.",
		more: "Show more rows",
		row: "Row {{number}}",
		change: {
			code: "Code",
			family_name: "Family name",
			name: "Name",
			form_of_address: "Form of address",
			unit: "Unit",
			position: "Position",
			subject: "Subject",
			from: "From",
			to: "Until",
		},
		becomes: "becomes",
		faults: "Download refused rows with reasons",
		columns: "Columns",
		columnsHint:
			"What each column of the file is. Correct what is wrong, then look again.",
		passOver: "Passed over",
		example: "for example {{example}}",
		lookAgain: "Look again",
		"zerosTitle#one": "{{count}} code is shorter than the others",
		"zerosTitle#other": "{{count}} codes are shorter than the others",
		zerosText:
			"For example {{example}}. Zeros at the beginning may have been lost when the file was saved. Most codes have {{width}} digits.",
		zeros: {
			ask: "Do not write these rows",
			pad: "Put zeros before them",
			keep: "Keep them as they are",
		},
		zerosLabel: "Short codes",
		nobodyDeleted: "Nobody is deleted.",
		"notWritten#one":
			"{{count}} refused row is not written; mended and imported again, the file doubles nobody.",
		"notWritten#other":
			"{{count}} refused rows are not written; mended and imported again, the file doubles nobody.",
		allWritten: "Imported again, this file doubles nobody.",
		"apply#one": "Write {{count}} row",
		"apply#other": "Write {{count}} rows",
		applyOn: "Go on writing",
		applyDetail: "{{new}} new, {{changed}} changed",
		stop: "Stop",
		stopping: "Stopping; what was written stays.",
		progress: "{{written}} of {{all}} rows written",
		doneText: "{{written}} rows were written.",
		"later#one":
			"{{count}} row could not be written when its turn came; see Refused.",
		"later#other":
			"{{count}} rows could not be written when their turn came; see Refused.",
		toPeople: "To the list of people",
		fault: {
			missing_name: "There is no name.",
			missing_unit: "Somebody new has no unit.",
			missing_position: "Somebody new has no position.",
			bad_text:
				"{{column}} has text that cannot be used, or more than {{limit}} characters.",
			legacy_font:
				"{{column}} was typed with a {{font}} font: “{{text}}”. Convert it to Unicode, then import again.",
			bad_day: "{{column}} “{{text}}” is no day of the calendar.",
			ends_before_it_begins:
				"The last day {{to}} lies before the first, {{from}}.",
			lost_zeros: "The code {{code}} may have lost its zeros: {{padded}}.",
			twin_row: "Row {{row}} is about the same person. Keep one.",
			merged_cell:
				"{{column}} is merged from row {{row}} on. Unmerge it and fill each row.",
			formula_error: "The formula in {{column}} failed: {{text}}.",
			unknown_unit: "There is no unit “{{unit}}”. Write its code or its name.",
			unit_gone: "The unit “{{unit}}” is no more. Write the present one.",
			unit_ambiguous:
				"Several units are called “{{unit}}”. Write the code of one.",
			unit_not_yours: "{{unit}} lies outside the units of this account.",
			person_not_yours:
				"{{name}} is at units of others too. Ask an administrator above.",
			namesake:
				"The unit has somebody called {{name}}. Write a code that tells who it is, then import again.",
			several_appointments:
				"{{name}} has several appointments. Change them on their page.",
			begins_later:
				"The present appointment begins on {{from}}. Write a later first day.",
		},
	},
} as const;
