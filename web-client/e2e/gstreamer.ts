import { ScriptedPeer } from "./scriptedPeer";
import type { Server } from "./server";

/** Debian's own Python: its GStreamer is installed for no other. */
const PYTHON = "/usr/bin/python3";

/** An encoder or player on GStreamer's webrtcbin, with the RSA certificates it makes. */
export class Gstreamer extends ScriptedPeer {
	private constructor(server: Server, token: string, words: string[]) {
		super(PYTHON, "./gstreamer/peer.py", server, token, words);
	}

	/** An encoder by WHIP that speaks one codec alone. */
	static encoder(
		server: Server,
		token: string,
		codec: "H264" | "VP8",
	): Gstreamer {
		return new Gstreamer(server, token, ["publish", "--codec", codec]);
	}

	/** A player by WHEP that takes one codec alone. */
	static player(
		server: Server,
		token: string,
		codec: "H264" | "VP8",
	): Gstreamer {
		return new Gstreamer(server, token, ["watch", "--codec", codec]);
	}
}
