/** Whether a key is another's than the page's: the browser's, an input method's, or that of a dialog or a menu that is open. */
export function isTaken(event: KeyboardEvent): boolean {
	return (
		event.ctrlKey ||
		event.altKey ||
		event.metaKey ||
		event.isComposing ||
		document.querySelector("[role=dialog], [role=menu]") !== null
	);
}
