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

/** The longest name that is kept on one line, in UTF-16 units: "bà Nguyễn Thị Hoàng Anh". Longer ones would be cut by their box. */
const ONE_LINE = 24;

/** Keeps a short name on one line: "Đô Lương" with no-break spaces. */
export const unbroken = (name: string): string =>
	name.length > ONE_LINE ? name : name.replace(/ /g, "\u00a0");

/** Characters as people count them: a family of faces is one. */
export const countCharacters = (text: string): number =>
	[...new Intl.Segmenter("vi", { granularity: "grapheme" }).segment(text)]
		.length;

/** JSON for the server. Half a character, which cutting within a face leaves, is left out: no server can read it. */
export const toJson = (value: unknown): string =>
	JSON.stringify(value, (_, part: unknown) =>
		typeof part === "string" ? part.replace(/\p{Surrogate}/gu, "") : part,
	);
