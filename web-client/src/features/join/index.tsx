/** The device check and the room of one session; replaced by the room's own feature. */
export default function Join({ code }: { code: string }) {
	return <p>{code}</p>;
}
