/** Folds for search: no diacritics, đ as d, lower case. "Quế Phong" and "que phong" become the same. */
export function fold(text: string): string {
	return text
		.normalize("NFD")
		.replace(/\p{Diacritic}/gu, "")
		.replace(/[đĐ]/g, "d")
		.toLowerCase()
		.trim();
}

/** Whether `text` contains every word of `query`, diacritics ignored. An empty query matches all. */
export function matches(text: string, query: string): boolean {
	const folded = fold(text);
	return fold(query)
		.split(/\s+/)
		.every((word) => folded.includes(word));
}

/** Keeps a name on one line: "Đô Lương" with no-break spaces. */
export const unbroken = (name: string): string => name.replace(/ /g, "\u00a0");
