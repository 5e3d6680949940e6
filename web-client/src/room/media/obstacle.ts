/**
 * Why no path to the media engine opens although signaling works, as far as a browser lets it be known.
 *
 * - `no_relay`: UDP and TCP to the engine's ports do not pass, and the server offers no way through the port of HTTPS.
 * - `relay_closed`: neither does that way open. A firewall looks into TLS, or this machine does not trust the server's
 *   certificate: a page that was opened over a warning works, but a TURN connection asks nobody. Browsers do not tell which.
 * - `engine_silent`: the way through the port of HTTPS is open, and the media engine does not answer on it.
 */
export interface Obstacle {
	cause: "no_relay" | "relay_closed" | "engine_silent";
	/** The engine's ports, ascending. */
	ports: number[];
}

/** Judges a connection that found no path, by its two descriptions and whether there was a relay to use. */
export function obstacleOf(
	local: string,
	remote: string,
	relayOffered: boolean,
): Obstacle {
	const ports = new Set(candidates(remote).map(({ port }) => port));
	const relayed = candidates(local).some(({ type }) => type === "relay");
	return {
		cause: !relayOffered
			? "no_relay"
			: relayed
				? "engine_silent"
				: "relay_closed",
		ports: [...ports].sort((a, b) => a - b),
	};
}

/** The candidates of a description (RFC 8839, 5.1). */
function candidates(sdp: string): { port: number; type: string }[] {
	return sdp.split(/\r?\n/).flatMap((line) => {
		if (!line.startsWith("a=candidate:")) return [];
		const words = line.split(" ");
		return [{ port: Number(words[5]), type: words[7] ?? "" }];
	});
}
