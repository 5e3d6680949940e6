import { existsSync } from "node:fs";
import { ScriptedPeer } from "./scriptedPeer";
import type { Server } from "./server";

/** Where the Python with aiortc is, as `.ci/lib` makes it. */
function python(): string {
	const path = process.env.AIORTC_PYTHON ?? "";
	if (!existsSync(path)) {
		throw new Error(
			"there is no Python with aiortc: run `make e2e`, or set AIORTC_PYTHON to one that has e2e/aiortc/requirements.txt",
		);
	}
	return path;
}

/** An encoder or player on aiortc: neither a browser's WebRTC stack, nor the server's, nor the load generator's. */
export class Aiortc extends ScriptedPeer {
	private constructor(server: Server, token: string, words: string[]) {
		super(python(), "./aiortc/peer.py", server, token, words);
	}

	/** An encoder by WHIP that speaks one codec alone. */
	static encoder(server: Server, token: string, codec: "H264" | "VP8"): Aiortc {
		return new Aiortc(server, token, ["publish", "--codec", codec]);
	}

	/** A player by WHEP; it takes either codec, whichever is named. */
	static player(server: Server, token: string, codec: "H264" | "VP8"): Aiortc {
		return new Aiortc(server, token, ["watch", "--codec", codec]);
	}
}
