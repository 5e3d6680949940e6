export function Monitor() {
	return null;
}
