import { useEffect, useRef } from "react";

/** One's own picture, as it would be sent. */
export function Preview({ track }: { track: MediaStreamTrack }) {
	const video = useRef<HTMLVideoElement>(null);
	useEffect(() => {
		if (video.current) video.current.srcObject = new MediaStream([track]);
	}, [track]);
	return <video ref={video} autoPlay playsInline muted />;
}
