/**
 * The text of a file that a spreadsheet wrote: UTF-8, UTF-16 with its mark, or the Vietnamese code page of Windows. `null` for
 * what is no text, a workbook for example.
 */
export async function readText(file: Blob): Promise<string | null> {
	const bytes = new Uint8Array(await file.arrayBuffer());
	const [first, second] = bytes;
	if (first === 0x50 && second === 0x4b) return null;
	const encoding =
		first === 0xff && second === 0xfe
			? "utf-16le"
			: first === 0xfe && second === 0xff
				? "utf-16be"
				: null;
	if (encoding !== null) return new TextDecoder(encoding).decode(bytes);
	if (bytes.includes(0)) return null;
	try {
		return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
	} catch {
		// Marks stand behind their letters in that code page.
		return new TextDecoder("windows-1258").decode(bytes).normalize("NFC");
	}
}
