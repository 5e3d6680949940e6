import type { ClientFrame } from "@/protocol/generated/ClientFrame";
import type { ServerFrame } from "@/protocol/generated/ServerFrame";
import type { Welcome } from "@/protocol/generated/Welcome";
import type { Socket } from "@/room/signaling/connection";

/** The server's end of one socket. */
export class FakeSocket implements Socket {
	onopen: (() => void) | null = null;
	onmessage: ((message: { data: unknown }) => void) | null = null;
	onclose: (() => void) | null = null;
	onerror: (() => void) | null = null;
	readonly sent: ClientFrame[] = [];
	closed = false;

	send(text: string) {
		this.sent.push(JSON.parse(text));
	}

	close() {
		this.closed = true;
	}

	says(frame: ServerFrame) {
		this.onmessage?.({ data: JSON.stringify(frame) });
	}

	/** Accepts the client and lets it in. */
	welcomes(welcome: Partial<Welcome> = {}) {
		this.onopen?.();
		this.says({
			type: "welcome",
			protocol: 3,
			you: "an",
			resume_token: "ticket-1",
			seq: 10,
			server_time_us: Date.now() * 1000,
			resumed: false,
			heartbeat_ms: 1_000,
			last_command_id: 0,
			may: ["publish_media"],
			ice_servers: [],
			state: null,
			missed: [],
			...welcome,
		});
	}

	get commands() {
		return this.sent.filter((frame) => frame.type === "command");
	}
}
