export function ClassPage() {
	return null;
}
