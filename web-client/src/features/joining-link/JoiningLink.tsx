export function JoiningLink() {
	return null;
}
